import { bytesToHex } from '@noble/hashes/utils.js'
import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import type { SyncOperation } from '../../../src/sync/heal/scheduler/operations/SyncOperation.ts'
import type { TrieSync } from '../../../src/sync/heal/scheduler/TrieSync.ts'
import type { NibblePath } from '../../../src/trie/nibbles.ts'
import type { SyncTestStore } from './SyncTestStore.ts'
import type { SyncTruth } from './SyncTruth.ts'

/** A node, or where it has no path a code, that was requested. */
export interface Wanted {
  path: NibblePath | undefined
  hash: Uint8Array
}

export interface RunOptions {
  /** How many are requested at once. @default all */
  batch?: number
  /** Only half of what is requested is answered in a round. @default false */
  half?: boolean
  /** Shuffles the answers, and lets some be in process at once. */
  random?: SeededRandom
  /** How the peer finds nodes. @default 'path' */
  by?: 'path' | 'hash'
  /** Ends the run before its end when it returns `true`; asked after every round. */
  stop?: () => boolean | Promise<boolean>
  /** Sees each operation before it is applied; `false`: the store dies with what came before. */
  mayApply?: (operation: SyncOperation) => boolean
}

/**
 * Fetches everything from an honest peer, and commits after each round. Returns what was requested,
 * in its order.
 */
export async function runSync(
  sync: TrieSync,
  store: SyncTestStore,
  truth: SyncTruth,
  options: RunOptions = {},
): Promise<Wanted[]> {
  const { batch, half = false, random, by = 'path', stop, mayApply = () => true } = options
  const byHash = new Map(
    [...truth.nodes.values()].map(({ hash, encoded }) => [bytesToHex(hash), encoded]),
  )
  const requested: Wanted[] = []
  const queue: Wanted[] = []
  for (;;) {
    const { nodes, codes } = sync.missing(batch)
    const fresh = [...nodes, ...codes.map((hash) => ({ path: undefined, hash }))]
    requested.push(...fresh)
    queue.push(...fresh)
    if (random !== undefined) shuffle(queue, random)
    const answered = queue.splice(0, half ? (queue.length >> 1) + 1 : queue.length)
    const processed = answered.map(({ path, hash }) => {
      const key = bytesToHex(hash)
      if (path === undefined) return sync.processCode(hash, truth.codes.get(key)!)
      return sync.processNode(path, by === 'path' ? truth.node(path) : byHash.get(key)!)
    })
    await Promise.all(processed)
    const operations = sync.commit()
    const applied = operations.findIndex((operation) => !mayApply(operation))
    store.apply(applied < 0 ? operations : operations.slice(0, applied))
    if (applied >= 0 || (answered.length === 0 && queue.length === 0)) return requested
    if ((await stop?.()) === true) return requested
  }
}

function shuffle<Item>(items: Item[], random: SeededRandom): void {
  for (let left = items.length; left > 1; left--) {
    const [item] = items.splice(random.below(left), 1)
    items.push(item!)
  }
}

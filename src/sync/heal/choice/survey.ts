import { compareBytes } from '../../../base/bytes/compareBytes.ts'
import { bigIntToHash, hashToBigInt } from '../../../base/bytes/hash32.ts'
import { bytesToNibbles, commonPrefixLength, type NibblePath } from '../../../trie/nibbles.ts'
import type { Verifier } from '../../../verifier/Verifier.ts'
import type { DerivedState } from '../../audit/DerivedState.ts'
import type { AccountTask } from '../../journal/AccountTask.ts'
import type { SyncPhase } from '../../loop/RunLoop.ts'
import { type HealCounts, noHealCounts } from '../HealCounts.ts'
import { HealNodesWork } from '../HealNodesWork.ts'
import { HealQueue } from '../HealQueue.ts'
import { HealThrottle } from '../HealThrottle.ts'
import { TrieSync } from '../scheduler/TrieSync.ts'
import { HEAL_LIMIT, isFar, tellingDepth } from './isFar.ts'

export interface SurveyOptions {
  /** State root, 32 bytes. */
  root: Uint8Array
  derived: DerivedState
  /** Whether the upper nodes are derived already, so that comparing them reads nothing. */
  warm: boolean
  verifier: Verifier
  /** What lies before their cursors is compared. */
  tasks: readonly AccountTask[]
  /** How many accounts the whole key space would have, by those stored. */
  accounts: number
  /** Milliseconds of a clock that never goes back. */
  now: () => number
}

/**
 * The survey compares the 16 subtries at the end of each path. 64 subtries tell a share of 0.16 %
 * to within a quarter. Comparing them reads 130,000 accounts at most.
 */
const PATHS = 4

/** A phase that writes nothing, and what it found when it has ended. */
export interface Survey extends SyncPhase {
  readonly counts: HealCounts
  /** Whether the accounts are cheaper to download than to heal. */
  readonly isFar: boolean
}

/**
 * Estimates how much of the account trie under a root differs from the stored one: fetches the
 * nodes along a few paths from the root down, and compares the subtries at their ends. Some ten
 * nodes, for a state of any size.
 *
 * @returns `undefined` if there is too little to be compared: then a heal is cheap
 */
export async function startSurvey(options: SurveyOptions): Promise<Survey | undefined> {
  const { root, derived, verifier, warm, accounts, now } = options
  const depth = tellingDepth(accounts)
  const paths = samplePaths(options)
  if (accounts < HEAL_LIMIT.accounts || paths.length === 0) return undefined
  let seen = 0
  let differing = 0
  let isNear = false
  const hasNode = async (path: NibblePath, hash: Uint8Array) => {
    const isEnd = path.length >= depth
    const has =
      (isEnd || (warm && path.length === 1)) && (await derived.accounts.hasNode(path, hash))
    if (isEnd) {
      seen++
      if (!has) differing++
    } else {
      // A sixteenth of a state is equal only if few accounts differ. Then stop: a small heal must
      // ask for no node twice.
      isNear ||= has
    }
    return isEnd || has || !paths.some((it) => commonPrefixLength(it, path) === path.length)
  }
  const sync = await TrieSync.start(
    root,
    { hasNode, hasCode: async () => true },
    { keccak256: (input) => verifier.keccak256(input) },
  )
  const counts = noHealCounts()
  const batch = () => ({})
  const job = { root, sync, queue: new HealQueue(sync), verifier, counts, batch }
  return {
    counts,
    works: [new HealNodesWork(job, new HealThrottle(now), now)],
    get done() {
      return isNear || sync.pending === 0
    },
    get isFar() {
      return !isNear && isFar(seen, differing, depth, accounts)
    },
    hasLocal: false,
    local: async () => ({}),
    rest() {},
  }
}

/**
 * Keys spread over the stored part. The root, as good as random, gives the place within a chunk.
 */
function samplePaths({ root, tasks }: SurveyOptions): NibblePath[] {
  const stored = tasks.filter(({ first, next }) => !next || compareBytes(next, first) > 0)
  const step = Math.ceil(stored.length / PATHS)
  return stored
    .filter((_, index) => index % step === 0)
    .map(({ first, next, last }) => {
      const from = hashToBigInt(first)
      const size = hashToBigInt(next ?? last) - from
      return bytesToNibbles(bigIntToHash(from + ((size * hashToBigInt(root)) >> 256n)))
    })
}

import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { PathNodeStore } from '../../../../test/support/heal/PathNodeStore.ts'
import { runSync } from '../../../../test/support/heal/runSync.ts'
import { SyncTruth } from '../../../../test/support/heal/SyncTruth.ts'
import { SeededRandom } from '../../../served/changing/SeededRandom.ts'
import { encodeNode } from '../../../trie/encodeNode.ts'
import { hashReference } from '../../../trie/nodeReference.ts'
import type { OnLeaf } from './SyncedLeaf.ts'
import { TrieSync } from './TrieSync.ts'

const ROOT = new Uint8Array()
const code = Uint8Array.of(1, 2, 3)
const codeHash = keccak_256(code)
const LEAVES = 40
const truth = SyncTruth.trie(
  Array.from({ length: LEAVES }, (_, index) => [
    keccak_256(Uint8Array.of(index)),
    new Uint8Array(40).fill(1 + index),
  ]),
)

const start = (store = new PathNodeStore(), onLeaf?: OnLeaf, fetchesPerDepth?: number) =>
  TrieSync.start(truth.root, store, {
    keccak256: keccak_256,
    onLeaf,
    ...(fetchesPerDepth === undefined ? {} : { fetchesPerDepth }),
  })

/** Takes in nodes until one with a leaf in it is on its way. */
async function toLeaf(sync: TrieSync): Promise<Uint8Array> {
  for (;;) {
    const { path } = sync.missing(1).nodes[0]!
    if (
      [...truth.nodes.keys()].every(
        (other) => !other.startsWith(show(path)) || other === show(path),
      )
    ) {
      return path
    }
    await sync.processNode(path, truth.node(path))
  }
}

const show = (path: Uint8Array) => Array.from(path, (nibble) => nibble.toString(16)).join('')
const error = (code: string, words: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(words) })

describe('TrieSync', () => {
  it('takes only what it gave out', async () => {
    const sync = await start()
    const refused = error('NOT_REQUESTED', 'node at the root was not requested')
    await expect(sync.processNode(ROOT, truth.node(ROOT))).rejects.toThrow(refused)
    const path = Uint8Array.of(1, 15)
    await expect(sync.processNode(path, code)).rejects.toThrow(error('NOT_REQUESTED', 'node at 1f'))
    expect(() => sync.processCode(codeHash, code)).toThrow(
      error('NOT_REQUESTED', `code 0x${bytesToHex(codeHash)}`),
    )
    expect(sync.missing().nodes).toEqual([{ path: ROOT, hash: truth.root }])
    expect(sync.missing()).toEqual({ nodes: [], codes: [] })
  })

  it('takes a node once, whether it is in process, waits or is committed', async () => {
    const sync = await start()
    sync.missing()
    const again = error('ALREADY_PROCESSED', 'node at the root')
    const running = sync.processNode(ROOT, truth.node(ROOT))
    await expect(sync.processNode(ROOT, truth.node(ROOT))).rejects.toThrow(again)
    await running
    await expect(sync.processNode(ROOT, truth.node(ROOT))).rejects.toThrow(again)
    await runSync(sync, new PathNodeStore(), truth)
    await expect(sync.processNode(ROOT, truth.node(ROOT))).rejects.toThrow(
      error('NOT_REQUESTED', ''),
    )
  })

  it('keeps a node requested when another one comes, or its digest is wrong', async () => {
    const sync = await start()
    sync.missing()
    const mismatch = error('HASH_MISMATCH', bytesToHex(truth.root))
    for (const encoded of [code, new Uint8Array(), truth.node(ROOT).with(40, 1)]) {
      await expect(sync.processNode(ROOT, encoded)).rejects.toThrow(mismatch)
    }
    await expect(sync.processNode(ROOT, truth.node(ROOT), codeHash)).rejects.toThrow(mismatch)
    await sync.processNode(ROOT, truth.node(ROOT), truth.root)
    expect(sync.pending).toBeGreaterThan(1)
  })

  it('keeps a node requested that is malformed, and one that would stand where storage does', async () => {
    const leaf = hashReference(codeHash)
    const children = Array.from({ length: 16 }, (_, nibble) => (nibble < 2 ? leaf : undefined))
    const branch = encodeNode({ kind: 'branch', children })
    const path = new Uint8Array(63)
    const deep = encodeNode({ kind: 'extension', path, child: hashReference(keccak_256(branch)) })
    const store = new PathNodeStore()
    for (const [root, at] of [
      [code, ROOT],
      [deep, path],
    ] as const) {
      const sync = await TrieSync.start(keccak_256(root), store, { keccak256: keccak_256 })
      sync.missing()
      if (at.length > 0) {
        await sync.processNode(ROOT, root)
        sync.missing()
      }
      const bytes = at.length > 0 ? branch : root
      for (let times = 0; times < 2; times++) {
        await expect(sync.processNode(at, bytes)).rejects.toThrow(error('TRIE_NODE', ''))
      }
      expect(sync.pending).toBe(at.length > 0 ? 2 : 1)
    }
  })

  it('goes on after a store that failed, and a listener that threw', async () => {
    const store = new PathNodeStore()
    const random = new SeededRandom(7)
    const fail = (chance: number) => {
      if (random.below(chance) === 0) throw new Error('out of order')
    }
    const has = store.hasNode.bind(store)
    store.hasNode = async (path, hash) => {
      if (path.length > 0) fail(20)
      return has(path, hash)
    }
    const heard: string[] = []
    const sync = await start(store, ({ path }) => {
      fail(3)
      heard.push(show(path))
    })
    let refusals = 0
    while (sync.pending > 0) {
      for (const { path } of sync.missing().nodes) {
        for (let done = false; !done; ) {
          done = await sync.processNode(path, truth.node(path)).then(
            () => true,
            (reason: Error) => {
              expect(reason.message).toBe('out of order')
              refusals++
              return false
            },
          )
        }
      }
      store.apply(sync.commit())
    }
    expect(refusals).toBeGreaterThan(5)
    expect(heard.sort()).toEqual([...truth.leaves.keys()].sort())
    expect(store.differences(truth)).toEqual([])
  })

  it('counts a sub-trie and a code once when their parent fails and comes again', async () => {
    const storage = SyncTruth.trie([[codeHash, Uint8Array.of(5)]])
    let fails = 1
    const sync = await start(new PathNodeStore(), async ({ path, parent }, sync) => {
      await sync.addSubTrie(storage.root, path, parent)
      await sync.addCodeEntry(codeHash, path, parent)
      if (fails-- > 0) throw new Error('late')
    })
    const parent = await toLeaf(sync)
    const before = sync.pending
    await expect(sync.processNode(parent, truth.node(parent))).rejects.toThrow('late')
    // They may come before it does.
    expect(sync.pending).toBe(before + 2)
    sync.missing(2)
    const [account] = [...truth.leaves.keys()].filter((key) => key.startsWith(show(parent)))
    const path = Uint8Array.from(account!, (digit) => Number.parseInt(digit, 16))
    await sync.processNode(path, storage.node(ROOT))
    sync.commit()
    await sync.processNode(parent, truth.node(parent)).catch(() => {})
    sync.processCode(codeHash, code)
    // The store has not got the storage: it is wanted once more, and the account waits for it.
    expect(sync.commit().map(({ kind }) => kind)).toEqual(['open', 'code'])
    sync.missing(1)
    await sync.processNode(path, storage.node(ROOT))
    expect(sync.pending).toBe(before - 1)
    expect(sync.commit().map(({ kind }) => kind)).toEqual([
      'clear',
      'leaf',
      'node',
      'clear',
      'leaf',
      'node',
    ])
  })

  it('refuses sub-tries and codes of nodes that are not on their way', async () => {
    const sync = await start()
    const parent = Uint8Array.of(3)
    const refused = error('NOT_REQUESTED', 'parent node at 3')
    await expect(sync.addSubTrie(codeHash, ROOT, parent)).rejects.toThrow(refused)
    await expect(sync.addCodeEntry(codeHash, ROOT, parent)).rejects.toThrow(refused)
  })

  it('takes a code once, and no other', async () => {
    const sync = await start(new PathNodeStore(), ({ path, parent }, sync) =>
      sync.addCodeEntry(codeHash, path, parent),
    )
    const parent = await toLeaf(sync)
    await sync.processNode(parent, truth.node(parent))
    expect(() => sync.processCode(codeHash, code)).toThrow(error('NOT_REQUESTED', ''))
    expect(sync.missing(1)).toEqual({ nodes: [], codes: [codeHash] })
    expect(() => sync.processCode(codeHash, ROOT)).toThrow(
      error('HASH_MISMATCH', bytesToHex(codeHash)),
    )
    sync.processCode(codeHash, code)
    expect(() => sync.processCode(codeHash, code)).toThrow(error('ALREADY_PROCESSED', 'code 0x'))
  })

  it('stops at the limit of a depth, until some of it is committed', async () => {
    const limit = 2
    const store = new PathNodeStore()
    const sync = await start(store, undefined, limit)
    sync.missing()
    await sync.processNode(ROOT, truth.node(ROOT))
    const { nodes } = sync.missing()
    expect(nodes).toHaveLength(limit)
    expect(sync.missing().nodes).toEqual([])
    let most = 0
    for (let open = nodes; open.length > 0; ) {
      const next = open.pop()!
      await sync.processNode(next.path, truth.node(next.path))
      store.apply(sync.commit())
      open.push(...sync.missing().nodes)
      for (const { path } of open) {
        const depth = open.filter((other) => other.path.length === path.length).length
        most = Math.max(most, depth)
      }
    }
    expect(most).toBe(limit)
    expect(store.differences(truth)).toEqual([])
  })

  it('allows 16384 of a depth', async () => {
    // Four full levels: 65536 nodes under the last.
    const children = (child: Uint8Array) =>
      Array.from({ length: 16 }, () => hashReference(keccak_256(child)))
    const level3 = encodeNode({ kind: 'branch', children: children(code) })
    const level2 = encodeNode({ kind: 'branch', children: children(level3) })
    const level1 = encodeNode({ kind: 'branch', children: children(level2) })
    const root = encodeNode({ kind: 'branch', children: children(level1) })
    const digests = [root, level1, level2, level3].map((node) => keccak_256(node))
    const sync = await TrieSync.start(digests[0]!, new PathNodeStore(), { keccak256: keccak_256 })
    let given = 0
    for (;;) {
      const { nodes } = sync.missing()
      if (nodes.length === 0) break
      for (const { path } of nodes) {
        const node = [root, level1, level2, level3][path.length]
        if (node === undefined) given++
        else await sync.processNode(path, node, digests[path.length]!)
      }
    }
    expect(given).toBe(16_384)
  })

  it('tells how much waits to be committed', async () => {
    const store = new PathNodeStore()
    const sync = await start(store)
    const opened = sync.memSize
    expect(sync.commit()).toEqual([{ kind: 'open', path: ROOT, above: -1 }])
    expect([opened, sync.memSize]).toEqual([0, 0])
    await runSync(sync, store, truth, { stop: () => true })
    while (sync.pending > 0) {
      for (const { path } of sync.missing().nodes) await sync.processNode(path, truth.node(path))
    }
    const nodes = [...truth.nodes.values()].reduce((sum, node) => sum + node.encoded.length, 0)
    const { memSize } = sync
    expect(memSize).toBeGreaterThan(nodes + LEAVES * 40)
    expect(memSize).toBeLessThan(3 * nodes)
    store.apply(sync.commit())
    expect(sync.memSize).toBe(0)
    expect(store.differences(truth)).toEqual([])
  })
})

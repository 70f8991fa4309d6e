import { verifyMerkleRangeProof } from '@ethereumjs/mpt'
import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes } from '../bytes/compareBytes.ts'
import { bigIntToHash, hashToBigInt } from '../bytes/hash32.ts'
import type { Leaves } from '../leaves/Leaves.ts'
import { leafKey, leafValue } from '../leaves/leafAt.ts'
import { packLeaves } from '../leaves/packLeaves.ts'
import { decodeSlimAccount, encodeAccount, encodeSlimAccount } from '../trie/accountCodec.ts'
import { encodeCompactPath } from '../trie/compactPath.ts'
import { emptyCodeHash } from '../trie/emptyHashes.ts'
import { MemoryTrie } from '../trie/MemoryTrie.ts'
import { sampleState } from './fixtures/sampleState.ts'
import type {
  AccountRange,
  ByteCodes,
  GetAccountRange,
  GetStorageRanges,
  PathSet,
  StorageRanges,
  TrieNodes,
} from './SnapMessage.ts'
import { SnapRequestError } from './SnapRequestError.ts'
import { stateHandler } from './stateHandler.ts'

const state = sampleState()
const { root, sorted, large, small, plain, embedding } = state
const handler = stateHandler(state.source)
const id = 77n
const ZERO = new Uint8Array(32)
const MAX = new Uint8Array(32).fill(0xff)
const NONE = new Uint8Array()
const UNKNOWN = keccak_256(Uint8Array.of(1, 2, 3))

function moved(hash: Uint8Array, by: bigint): Uint8Array {
  return bigIntToHash(hashToBigInt(hash) + by)
}

function keys(leaves: Leaves): Uint8Array[] {
  return Array.from({ length: leaves.count }, (_, index) => leafKey(leaves, index))
}

function values(leaves: Leaves): Uint8Array[] {
  return Array.from({ length: leaves.count }, (_, index) => leafValue(leaves, index))
}

/** Whether there are leaves to the right, by another implementation of range proofs; throws when the proof is bad. */
function oracle(
  trieRoot: Uint8Array,
  origin: Uint8Array,
  leafKeys: Uint8Array[],
  leafValues: Uint8Array[],
  proof: readonly Uint8Array[],
): Promise<boolean> {
  // Of no leaves, the last is null there.
  const last = leafKeys.at(-1) ?? null
  return verifyMerkleRangeProof(
    trieRoot,
    origin,
    last,
    leafKeys,
    leafValues,
    [...proof],
    keccak_256,
  )
}

function expectNoDuplicates(proof: readonly Uint8Array[]): void {
  expect(new Set(proof.map(String)).size).toBe(proof.length)
}

describe('GetAccountRange', () => {
  function ask(request: Partial<GetAccountRange>): AccountRange {
    const defaults = {
      kind: 'GetAccountRange',
      id,
      root,
      origin: ZERO,
      limit: MAX,
      bytes: 4000,
    } as const
    return handler({ ...defaults, ...request }) as AccountRange
  }
  const first = sorted[0]!
  const tenth = sorted[9]!
  /** Bytes that the first `count` accounts from `from` on take. */
  const sizeOf = (count: number, from = 0) =>
    sorted
      .slice(from, from + count)
      .reduce((sum, { account }) => sum + 32 + encodeSlimAccount(account).length, 0)

  it.each<[string, Partial<GetAccountRange>, from: number, count: number]>([
    ['everything, within 2 MiB', { bytes: Number.MAX_SAFE_INTEGER }, 0, 64],
    ['no bytes: one account', { bytes: 0 }, 0, 1],
    ['one byte: one account', { bytes: 1 }, 0, 1],
    [
      'exactly the bytes of five: one more, as only more than the limit stops',
      { bytes: sizeOf(5) },
      0,
      6,
    ],
    ['a byte less than five take: five', { bytes: sizeOf(5) - 1 }, 0, 5],
    ['origin before the first account', { origin: moved(first.hash, -1n), bytes: 0 }, 0, 1],
    ['origin at the first account', { origin: first.hash, bytes: 0 }, 0, 1],
    ['origin after the first account', { origin: moved(first.hash, 1n), bytes: 0 }, 1, 1],
    ['limit at an account: included', { limit: tenth.hash, bytes: 50_000 }, 0, 10],
    [
      'limit before an account: that one included',
      { limit: moved(tenth.hash, -1n), bytes: 50_000 },
      0,
      10,
    ],
    [
      'limit after an account: the next included',
      { limit: moved(tenth.hash, 1n), bytes: 50_000 },
      0,
      11,
    ],
    ['limit at the origin: one', { origin: tenth.hash, limit: tenth.hash }, 9, 1],
    ['limit before the origin: one', { origin: moved(tenth.hash, 1n), limit: ZERO }, 10, 1],
    ['both at zero: the first', { limit: ZERO }, 0, 1],
    ['origin after the last account: none', { origin: MAX }, 64, 0],
  ])('%s', async (_, request, from, count) => {
    const { accounts, proof } = ask(request)
    const expected = sorted.slice(from, from + count)
    expect(keys(accounts)).toEqual(expected.map(({ hash }) => hash))
    expect(values(accounts)).toEqual(expected.map(({ account }) => encodeSlimAccount(account)))

    expectNoDuplicates(proof)
    const full = values(accounts).map((body) => encodeAccount(decodeSlimAccount(body)))
    const more = await oracle(root, request.origin ?? ZERO, keys(accounts), full, proof)
    expect(more).toBe(from + count < 64)
  })

  it.each([
    ['an unknown root', UNKNOWN],
    ['the root of a storage trie', large.storage.root],
  ])('is empty for %s', (_, unknown) => {
    expect(ask({ root: unknown })).toMatchObject({ id, accounts: { count: 0 }, proof: [] })
  })

  it('stops at 2 MiB, however many bytes are asked for', () => {
    // 20,000 accounts of 32 + 76 bytes are a little more than that.
    const account = { ...plain.account, storageRoot: UNKNOWN, codeHash: UNKNOWN }
    const hashes = Array.from({ length: 20_000 }, (_, index) => bigIntToHash(BigInt(index)))
    const leaves = hashes.map((hash) => [hash, encodeAccount(account)] as const)
    const trie = {
      root: UNKNOWN,
      leaves: () => leaves,
      runs: () => [packLeaves(leaves)],
      prove: () => [],
      node: () => undefined,
    }
    const many = stateHandler({
      state: () => ({ accounts: trie, storage: () => undefined }),
      code: () => undefined,
    })
    const request = { kind: 'GetAccountRange', id, root, origin: ZERO, limit: MAX } as const
    const { accounts } = many({ ...request, bytes: 10_000_000 }) as AccountRange
    const each = 32 + encodeSlimAccount(account).length
    expect(accounts.count).toBe(Math.floor((2 * 1024 * 1024) / each) + 1)
  })
})

describe('GetStorageRanges', () => {
  function ask(request: Partial<GetStorageRanges>): StorageRanges {
    const defaults = {
      kind: 'GetStorageRanges',
      id,
      root,
      origin: NONE,
      limit: NONE,
      bytes: 100_000,
    } as const
    return handler({ ...defaults, accounts: [large.hash], ...request }) as StorageRanges
  }
  const slots = [...large.storage.leaves()].map(([hash]) => hash)
  const sizeOf = (count: number) =>
    [...large.storage.leaves()]
      .slice(0, count)
      .reduce((sum, [, value]) => sum + 32 + value.length, 0)

  it('serves whole storages without proof, in the order of the accounts', () => {
    const { slots, proof } = ask({ accounts: [small.hash, large.hash, embedding.hash] })
    expect(proof).toEqual([])
    expect(slots.map(({ count }) => count)).toEqual([10, 300, 2])
    for (const [index, { storage }] of [small, large, embedding].entries()) {
      const list = slots[index]!
      const entries = keys(list).map((key, at) => [key, leafValue(list, at)] as const)
      expect(MemoryTrie.from(entries).root).toEqual(storage.root)
    }
  })

  it('gives no list to accounts without slots and to unknown ones', () => {
    const { slots, proof } = ask({ accounts: [plain.hash, small.hash, UNKNOWN, embedding.hash] })
    expect(slots.map(({ count }) => count)).toEqual([10, 2])
    expect(proof).toEqual([])
  })

  it.each<[string, Partial<GetStorageRanges>, from: number, count: number, proven: boolean]>([
    ['no bytes: nothing', { bytes: 0 }, 0, 0, false],
    ['one byte: one slot', { bytes: 1 }, 0, 1, true],
    // The hard limit is the floor of 1.1 times the bytes; an item is added while less is used.
    ['a few hundred bytes: a tenth more', { bytes: 1000 }, 0, -1, true],
    ['all but a tenth of the bytes: whole', { bytes: Math.ceil(sizeOf(300) / 1.1) }, 0, 300, false],
    [
      'exactly enough for the hard limit at the last slot',
      { bytes: Math.ceil(sizeOf(299) / 1.1) - 1 },
      0,
      -1,
      true,
    ],
    ['a zero origin', { origin: ZERO }, 0, 300, false],
    ['the smallest other origin', { origin: moved(ZERO, 1n) }, 0, 300, true],
    ['origin at a slot', { origin: slots[100]! }, 100, 200, true],
    ['origin after a slot', { origin: moved(slots[100]!, 1n) }, 101, 199, true],
    ['origin after the last slot', { origin: MAX }, 300, 0, true],
    ['limit at a slot, zero origin: cut without proof', { limit: slots[9]! }, 0, 10, false],
    ['limit before a slot: that one included', { limit: moved(slots[9]!, -1n) }, 0, 10, false],
    ['origin and limit', { origin: slots[5]!, limit: slots[9]! }, 5, 5, true],
    ['limit before the origin: one', { origin: slots[5]!, limit: ZERO }, 5, 1, true],
  ])('%s', async (_, request, from, count, proven) => {
    const answer = ask(request)
    const list = answer.slots[0]
    const found = list === undefined ? [] : keys(list)
    let expected = count
    if (count < 0) {
      const hard = Math.floor((request.bytes! * 11) / 10)
      expected = slots.findIndex((_, index) => sizeOf(index) >= hard)
    }
    expect(answer.slots.length).toBe(expected === 0 ? 0 : 1)
    expect(found).toEqual(slots.slice(from, from + expected))
    expect(answer.proof.length > 0).toBe(proven)
    if (!proven) return
    expectNoDuplicates(answer.proof)
    const origin = request.origin ?? ZERO
    const leafValues = list === undefined ? [] : values(list)
    const more = await oracle(large.storage.root, origin, found, leafValues, answer.proof)
    expect(more).toBe(from + expected < 300)
  })

  it('adds no slot when the hard limit is reached exactly', () => {
    for (let bytes = 1; bytes <= 500; bytes++) {
      const hardLimit = Math.floor((bytes * 11) / 10)
      const expected = slots.findIndex((_, index) => sizeOf(index) >= hardLimit)
      expect(ask({ bytes }).slots[0]!.count, `${bytes} bytes`).toBe(expected)
    }
  })

  it('applies origin and limit to the first account only', () => {
    const limited = ask({ accounts: [large.hash, small.hash], limit: slots[4]! })
    expect(limited.slots.map(({ count }) => count)).toEqual([5, 10])
    const empty = ask({ accounts: [plain.hash, small.hash], limit: ZERO })
    expect(empty.slots.map(({ count }) => count)).toEqual([10])
  })

  it('ends after the first list that is proven', () => {
    const { slots: lists } = ask({ accounts: [large.hash, small.hash], origin: slots[290]! })
    expect(lists.map(({ count }) => count)).toEqual([10])
    const { slots: cut, proof } = ask({
      accounts: [small.hash, large.hash, embedding.hash],
      bytes: 1000,
    })
    expect(cut.length).toBe(2)
    expect(proof.length).toBeGreaterThan(0)
  })

  it('opens no account more when the bytes are used up, and needs no proof for that', () => {
    const bytes = [...small.storage.leaves()].reduce((sum, [, value]) => sum + 32 + value.length, 0)
    const answer = ask({ accounts: [small.hash, large.hash], bytes })
    expect(answer.slots.map(({ count }) => count)).toEqual([10])
    expect(answer.proof).toEqual([])
  })

  it.each<[string, Partial<GetStorageRanges>]>([
    ['an unknown root', { root: UNKNOWN }],
    ['no accounts', { accounts: [] }],
    ['an unknown account', { accounts: [UNKNOWN] }],
    [
      'an unknown account from an origin on, and those after it',
      { accounts: [UNKNOWN, small.hash], origin: MAX },
    ],
  ])('is empty for %s', (_, request) => {
    expect(ask(request)).toMatchObject({ id, slots: [], proof: [] })
  })
})

describe('account ranges', () => {
  it('are provable from any origin, to any limit, with any number of bytes', async () => {
    const hash = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map(bigIntToHash),
      fc.constantFrom(...sorted).map((account) => account.hash),
    )
    await fc.assert(
      fc.asyncProperty(hash, hash, fc.nat(8000), async (origin, limit, bytes) => {
        const request = { id, root, origin, limit, bytes }
        const range = handler({ ...request, kind: 'GetAccountRange' }) as AccountRange
        const full = values(range.accounts).map((body) => encodeAccount(decodeSlimAccount(body)))
        const found = keys(range.accounts)
        const more = await oracle(root, origin, found, full, range.proof)
        const last = found.at(-1) ?? origin
        expect(more).toBe(sorted.some((account) => compareBytes(account.hash, last) > 0))
      }),
      { numRuns: 200 },
    )
  })
})

describe('GetByteCodes', () => {
  const hashes = state.codes.map((code) => keccak_256(code))
  const [h100, h200, h300] = hashes as [Uint8Array, Uint8Array, Uint8Array]

  it.each<[string, Uint8Array[], bytes: number, sizes: number[]]>([
    ['all, in the order asked for', [h300, h100, h200], 10_000, [300, 100, 200]],
    ['none asked for', [], 10_000, []],
    ['unknown ones left out', [UNKNOWN, h100, UNKNOWN, h200], 10_000, [100, 200]],
    ['roots are no code hashes', [root, large.storage.root], 10_000, []],
    [
      'the hash of no code: an empty item',
      [emptyCodeHash(), h100, emptyCodeHash()],
      10_000,
      [0, 100, 0],
    ],
    ['the same hash again: the same code again', [h100, h100, h100], 10_000, [100, 100, 100]],
    ['no bytes: one', [h100, h200], 0, [100]],
    ['no bytes: empty ones do not count', [emptyCodeHash(), h100, h200], 0, [0, 100]],
    ['exactly the bytes: one more', [h100, h200, h300], 300, [100, 200, 300]],
    ['one byte less: stops', [h100, h200, h300], 299, [100, 200]],
    ['1,025 hashes: 1,024', new Array(1025).fill(h100), 1_000_000, new Array(1024).fill(100)],
  ])('%s', (_, hashes, bytes, sizes) => {
    const { codes } = handler({ kind: 'GetByteCodes', id, hashes, bytes }) as ByteCodes
    expect(codes.map(({ length }) => length)).toEqual(sizes)
  })
})

describe('GetTrieNodes', () => {
  function ask(paths: PathSet[], bytes = 50_000, at = root): TrieNodes {
    return handler({ kind: 'GetTrieNodes', id, root: at, paths, bytes }) as TrieNodes
  }
  const path = (...nibbles: number[]) => encodeCompactPath(Uint8Array.from(nibbles), false)
  const hashesOf = ({ nodes }: TrieNodes) =>
    nodes.map((node) =>
      node.length === 0 ? 'nothing' : Buffer.from(keccak_256(node)).toString('hex'),
    )
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  const rootHash = hex(root)
  const smallRoot = hex(small.storage.root)
  const largeRoot = hex(large.storage.root)

  it.each<[string, PathSet[], hashes: string[]]>([
    ['no paths', [], []],
    ['the root', [[path()]], [rootHash]],
    ['the root, by no bytes at all', [[NONE]], [rootHash]],
    ['the root, whatever the padding nibble', [[Uint8Array.of(0x07)]], [rootHash]],
    ['a path that ends in a value', [[Uint8Array.of(0x20)]], ['nothing']],
    ['flags that do not exist', [[Uint8Array.of(0xf0)]], ['nothing']],
    ['a path that leads nowhere', [[path(...new Array(20).fill(3))]], ['nothing']],
    ['a path as long as a key', [[path(...new Array(64).fill(0))]], ['nothing']],
    ['a path longer than any key', [[path(...new Array(300).fill(0))]], ['nothing']],
    [
      'paths in any order, and again',
      [[path(1, 2, 3, 4)], [path()], [path()]],
      ['nothing', rootHash, rootHash],
    ],
    ['a storage root', [[small.hash, path()]], [smallRoot]],
    [
      'storage roots of several accounts',
      [
        [small.hash, path()],
        [large.hash, path(), path()],
      ],
      [smallRoot, largeRoot, largeRoot],
    ],
    ['an account without storage', [[plain.hash, path(), path(1)]], ['nothing', 'nothing']],
    ['an unknown account: nothing of its set', [[UNKNOWN, path(), path(1)], [path()]], [rootHash]],
    [
      'an account hash with bytes before it',
      [[Uint8Array.of(9, ...small.hash), path()]],
      [smallRoot],
    ],
    ['an account hash that is too short', [[small.hash.subarray(1), path()]], []],
    [
      'an embedded node: it and the rest of its set left out',
      [[embedding.hash, path(), path(...new Array(63).fill(0), 1), path()], [path()]],
      [hex(embedding.storage.root), rootHash],
    ],
  ])('%s', (_, paths, hashes) => {
    expect(hashesOf(ask(paths))).toEqual(hashes)
  })

  it('finds every node of a proof at its path', () => {
    for (const { hash } of sorted) {
      const nibbles = [...hash].flatMap((byte) => [byte >> 4, byte & 15])
      const paths = nibbles.map((_, depth) => [path(...nibbles.slice(0, depth))])
      const { nodes } = ask(paths)
      expect(nodes.filter(({ length }) => length > 0)).toEqual(state.accounts.prove(hash))
    }
  })

  it('stops when the bytes are exceeded, with the node that exceeded them', () => {
    const size = state.accounts.prove(plain.hash)[0]!.length
    expect(ask([[path()], [path()], [path()]], 0).nodes.length).toBe(1)
    expect(ask([[path()], [path()], [path()]], size).nodes.length).toBe(2)
    expect(ask([[path()], [path()], [path()]], 2 * size - 1).nodes.length).toBe(2)
    const set = [large.hash, path(), path(), path(), path()]
    expect(ask([set, [path()]], 2 * large.storage.prove(ZERO)[0]!.length).nodes.length).toBe(3)
  })

  it('stops after 1,024 lookups, of which opening a storage trie takes two', () => {
    const nowhere = path(1, 1, 1, 1, 1, 1)
    expect(ask(new Array(3000).fill([nowhere])).nodes.length).toBe(1025)
    expect(ask([[small.hash, ...new Array(3000).fill(nowhere)]]).nodes.length).toBe(1023)
    expect(ask(new Array(3000).fill([small.hash, nowhere])).nodes.length).toBe(342)
    expect(ask([...new Array(1025).fill([UNKNOWN, path()]), [path()]]).nodes.length).toBe(0)
  })

  it('is empty for an unknown root', () => {
    expect(ask([[path()]], 1000, UNKNOWN)).toEqual({ kind: 'TrieNodes', id, nodes: [] })
  })

  it('refuses an empty path set, wherever it stands', () => {
    expect(() => ask([[]])).toThrow(SnapRequestError)
    expect(() => ask([[path()], []])).toThrow('path set 1 of 2 is empty')
  })
})

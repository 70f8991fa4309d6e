import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleState } from '../../../test/support/snap/sampleState.ts'
import { mptProver } from '../../../test/support/trie/mptProver.ts'
import { encodeAccount, encodeSlimAccount } from '../../account/accountCodec.ts'
import { expandSlimAccounts } from '../../account/expandSlimAccounts.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { bigIntToHash } from '../../base/bytes/hash32.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey } from '../../leaves/Leaves.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import { encodeCompactPath } from '../../trie/compactPath.ts'
import { SnapRequestError } from '../errors.ts'
import type { AccountRange, PathSet, StorageRanges, TrieNodes } from '../SnapMessage.ts'
import { stateHandler } from './stateHandler.ts'

// The rules that every server keeps are in rules/; here is what they leave open, or what takes more
// than one request.

const state = sampleState()
const { root, sorted, large, small, plain } = state
const handler = stateHandler(state.source)
const id = 77n
const ZERO = new Uint8Array(32)
const MAX = new Uint8Array(32).fill(0xff)
const NONE = new Uint8Array()
const UNKNOWN = keccak_256(Uint8Array.of(1, 2, 3))

function lastKey(leaves: Leaves): Uint8Array | undefined {
  return leaves.count === 0 ? undefined : leafKey(leaves, leaves.count - 1)
}

describe('GetAccountRange', () => {
  it('is provable from any origin, to any limit, with any number of bytes; no node twice', async () => {
    const hash = fc.oneof(
      fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }).map(bigIntToHash),
      fc.constantFrom(...sorted).map((account) => account.hash),
    )
    await fc.assert(
      fc.asyncProperty(hash, hash, fc.nat(8000), async (origin, limit, bytes) => {
        const request = { id, root, origin, limit, bytes }
        const range = handler({ ...request, kind: 'GetAccountRange' }) as AccountRange
        const leaves = expandSlimAccounts(range.accounts)
        const more = await mptProver({ root, origin, leaves, proof: range.proof })
        const last = lastKey(leaves) ?? origin
        expect(more).toBe(sorted.some((account) => compareBytes(account.hash, last) > 0))
        expect(new Set(range.proof.map(String)).size).toBe(range.proof.length)
      }),
      { numRuns: 200 },
    )
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
  it('has no node twice in a proof', () => {
    for (const [origin] of large.storage.leaves()) {
      const request = { kind: 'GetStorageRanges', id, root, limit: NONE, bytes: 200 } as const
      const accounts = [large.hash]
      const { proof } = handler({ ...request, accounts, origin }) as StorageRanges
      expect(new Set(proof.map(String)).size).toBe(proof.length)
    }
  })
})

describe('GetTrieNodes', () => {
  const path = (...nibbles: number[]) => encodeCompactPath(Uint8Array.from(nibbles), false)

  function ask(paths: PathSet[]): Uint8Array[] {
    const request = { kind: 'GetTrieNodes', id, root, bytes: 50_000 } as const
    return [...(handler({ ...request, paths }) as TrieNodes).nodes]
  }

  it('finds every node of a proof at its path', () => {
    for (const { hash } of sorted) {
      const nibbles = [...hash].flatMap((byte) => [byte >> 4, byte & 15])
      const paths = nibbles.map((_, depth) => [path(...nibbles.slice(0, depth))])
      const nodes = ask(paths)
      expect(nodes.filter(({ length }) => length > 0)).toEqual(state.accounts.prove(hash))
    }
  })

  it('counts a lookup for each path that leads nowhere, however deep', () => {
    const nowhere = path(1, 1, 1, 1, 1, 1)
    expect(ask(new Array(3000).fill([nowhere])).length).toBe(1025)
    expect(ask([[small.hash, ...new Array(3000).fill(nowhere)]]).length).toBe(1023)
    expect(ask(new Array(3000).fill([small.hash, nowhere])).length).toBe(342)
  })

  it('names the path set without paths that it refuses', () => {
    expect(() => ask([[]])).toThrow(SnapRequestError)
    expect(() => ask([[path()], []])).toThrow('path set 1 of 2 is empty')
  })
})

import { createMerkleProof, createMPT } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { describe, expect, it } from 'vitest'
import { randomEntries } from '../../../test/support/bytes/randomEntries.ts'
import { randomSource } from '../../../test/support/bytes/randomSource.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { toHex } from '../../base/bytes/hex.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import { RangeProofError } from '../errors.ts'
import type { RangeClaim } from '../Verifier.ts'
import { loadWasm } from './loadWasm.ts'

const EMPTY = new Uint8Array()
const HASH = new Uint8Array(32).fill(7)
/** The items of a branch with a single child. */
const BRANCH = Array.from({ length: 17 }, (_, nibble) => (nibble === 1 ? HASH : EMPTY))

/** Whether bytes are one RLP list with as many items as a node has, by EthereumJS. */
function isNode(bytes: Uint8Array): boolean {
  try {
    const items = RLP.decode(bytes)
    return Array.isArray(items) && (items.length === 2 || items.length === 17)
  } catch {
    return false
  }
}

for (const build of ['simd', 'plain'] as const) {
  const verifier = await loadWasm({ build })
  const random = randomSource()

  /** `more` or the fault. Any other error, a trap above all, fails the test. */
  const outcome = (claim: RangeClaim): boolean | string => {
    try {
      return verifier.verifyRange(claim)
    } catch (error) {
      if (!(error instanceof RangeProofError)) throw error
      return error.fault
    }
  }

  /** A random range of a random trie, with its proof by @ethereumjs/mpt. */
  const honestClaim = async (most: number, keySize: number) => {
    const entries = randomEntries(random, 1 + random.below(most), keySize)
    const trie = await createMPT()
    for (const [key, value] of entries) await trie.put(key, value)
    const start = random.below(entries.length)
    const end = start + 1 + random.below(entries.length - start)
    const chosen = entries.slice(start, end)
    const origin = chosen[0]![0]
    const proof = [
      ...(await createMerkleProof(trie, origin)),
      ...(await createMerkleProof(trie, chosen.at(-1)![0])),
    ]
    const claim = { root: trie.root(), origin, leaves: packLeaves(chosen, keySize), proof }
    return { claim, chosen, more: end < entries.length }
  }

  describe(`wasm, ${build}, seed ${random.seed}`, () => {
    it('hashes inputs of every length up to 600 bytes as noble does', () => {
      for (let length = 0; length <= 600; length++) {
        const input = random.bytes(length)
        expect(toHex(verifier.keccak256(input)), `${length} bytes`).toBe(toHex(keccak_256(input)))
      }
    })

    it('hashes batches of mixed lengths, odd and even counts, in the order of the inputs', () => {
      for (const count of [0, 1, 2, 3, 64, 501]) {
        const inputs = Array.from({ length: count }, () => random.bytes(random.below(1200)))
        // Beyond the 64 blocks up to which an input waits for a partner.
        if (count > 3) inputs.splice(random.below(count), 1, random.bytes(24_576))
        const digests = verifier.keccak256Batch(inputs)
        expect(digests.length).toBe(32 * count)
        inputs.forEach((input, index) => {
          const digest = digests.subarray(32 * index, 32 * index + 32)
          expect(toHex(digest), `input ${index} of ${count}`).toBe(toHex(keccak_256(input)))
        })
      }
    })

    it('proves ranges with the proofs of @ethereumjs/mpt', async () => {
      for (let round = 0; round < 120; round++) {
        const keySize = random.pick([1, 2, 20, 32, 33, 64])
        const { claim, more } = await honestClaim(60, keySize)
        expect(outcome(claim), `round ${round}`).toBe(more)
        expect(outcome({ ...claim, leaves: packLeaves([], keySize) })).toBe(
          'more entries available',
        )
      }
    })

    it('believes no proof in which bytes were changed, and never traps on it', async () => {
      const faults = new Set<boolean | string>()
      for (let round = 0; round < 40; round++) {
        const { claim } = await honestClaim(60, random.pick([2, 32]))
        // Needed is each node on the two paths, once; mpt also gives those that lie inside of their
        // parents.
        const isLinked = (node: Uint8Array) => node.length >= 32 || node === claim.proof[0]
        const nodes = [
          ...new Map(claim.proof.filter(isLinked).map((node) => [toHex(node), node])).values(),
        ]
        for (let change = 0; change < 100; change++) {
          const proof = nodes.map((node) => node.slice())
          const node = random.pick(proof)
          node[random.below(node.length)]! ^= 1 + random.below(255)
          const fault = outcome({ ...claim, proof })
          expect(fault, `round ${round}`).toBe('proof node missing')
          // The same under a root that a liar chose, so that its bytes are decoded. It may be a
          // true node of another trie: where the change is in a reference beside the range.
          const root = keccak_256(node)
          faults.add(outcome({ ...claim, root, proof }))
        }
      }
      expect(faults).toContain('bad proof node')
    })

    it.each<[string, Uint8Array]>([
      ['no bytes', Uint8Array.of()],
      ['the empty string, the node of the empty trie', Uint8Array.of(0x80)],
      ['bytes behind the node', Uint8Array.of(...RLP.encode([Uint8Array.of(0x20, 0, 0), HASH]), 0)],
      ['a list of 3 items', RLP.encode([EMPTY, EMPTY, EMPTY])],
      ['a list of 16 items', RLP.encode(BRANCH.slice(1))],
      ['a list of 18 items', RLP.encode([...BRANCH, EMPTY])],
      ['a branch with a value', RLP.encode([...BRANCH.slice(1), Uint8Array.of(1)])],
      ['a child of 31 bytes', RLP.encode([new Uint8Array(31), ...BRANCH.slice(1)])],
      ['an embedded child of 32 bytes', RLP.encode([[new Uint8Array(30)], ...BRANCH.slice(1)])],
      ['a path without a flag', RLP.encode([EMPTY, HASH])],
      ['a path that is a list', RLP.encode([[], HASH])],
      ['an unknown flag', RLP.encode([Uint8Array.of(0x40, 0), HASH])],
      ['padding that is not zero', RLP.encode([Uint8Array.of(0x01, 0), HASH])],
      ['an extension without a path', RLP.encode([Uint8Array.of(0), HASH])],
      ['an extension without a child', RLP.encode([Uint8Array.of(0x11), EMPTY])],
      ['an extension as long as a key', RLP.encode([Uint8Array.of(0, 0, 0), HASH])],
      ['a leaf that ends before its key', RLP.encode([Uint8Array.of(0x20, 0), HASH])],
      ['a leaf that goes on behind its key', RLP.encode([Uint8Array.of(0x20, 0, 0, 0), HASH])],
      ['a leaf without a value', RLP.encode([Uint8Array.of(0x20, 0, 0), EMPTY])],
      ['a leaf whose value is a list', RLP.encode([Uint8Array.of(0x20, 0, 0), [HASH]])],
      ['a byte with a header of its own', Uint8Array.of(0xc6, 0x82, 0x20, 0, 0x81, 1)],
      ['a long header for a short item', Uint8Array.of(0xc7, 0x82, 0x20, 0, 0xb8, 1, 0x80)],
      ['a size with a leading zero', Uint8Array.of(0xf8, 0, 0x80, 0x80)],
      ['a size beyond all memory', Uint8Array.of(0xfb, 255, 255, 255, 255, 0x80, 0x80)],
      ['a size of eight bytes', Uint8Array.of(0xff, 255, 255, 255, 255, 255, 255, 255, 255)],
    ])('says "bad proof node" of %s', (_, node) => {
      const root = keccak_256(node)
      for (const entries of [[], [[new Uint8Array(2), HASH]]] as [Uint8Array, Uint8Array][][]) {
        const leaves = packLeaves(entries, 2)
        expect(outcome({ root, origin: new Uint8Array(2), leaves, proof: [node] })).toBe(
          'bad proof node',
        )
      }
    })

    it('decodes any bytes without a trap', () => {
      for (let round = 0; round < 20_000; round++) {
        const node = random.bytes(1 + random.below(70))
        // Most of all lists, with headers that may point anywhere.
        if (random.below(8) > 0) node[0] = 0xc0 + random.below(64)
        const leaves = packLeaves(random.below(2) === 0 ? [] : [[node.slice(0, 1), node]], 1)
        const origin = random.below(2) === 0 ? node.slice(0, 1) : new Uint8Array(1)
        const fault = outcome({ root: keccak_256(node), origin, leaves, proof: [node] })
        // One run in some thousand makes a real node, which may prove that nothing is there.
        if (!isNode(node)) expect(fault, toHex(node)).toBeTypeOf('string')
      }
    })

    it('keeps to the memory that the largest call needed', async () => {
      const own = await loadWasm({ build })
      const { claim } = await honestClaim(400, 32)
      const inputs = Array.from({ length: 300 }, () => random.bytes(532))
      const use = () => {
        own.keccak256Batch(inputs)
        own.verifyRange(claim)
        const builder = own.rootBuilder()
        builder.add(claim.leaves)
        builder.root()
        return own.memorySize
      }
      const size = use()
      for (let round = 0; round < 200; round++) expect(use()).toBe(size)
    })

    it('takes a call that makes the memory grow like any other', async () => {
      const own = await loadWasm({ build })
      const small = random.bytes(10)
      const before = own.memorySize
      const large = new Uint8Array(3_000_000).fill(7)
      expect(toHex(own.keccak256(large))).toBe(toHex(keccak_256(large)))
      expect(own.memorySize).toBeGreaterThan(before + large.length - 65_536)
      expect(toHex(own.keccak256(small))).toBe(toHex(keccak_256(small)))
    })

    it('leaves the bytes of a claim as they are', async () => {
      const { claim, chosen } = await honestClaim(40, 32)
      const proof = claim.proof.map((node) => node.slice())
      verifier.verifyRange(claim)
      expect(claim.proof).toEqual(proof)
      expect(claim.leaves).toEqual(packLeaves(chosen))
      expect(compareBytes(claim.origin, chosen[0]![0])).toBe(0)
    })
  })
}

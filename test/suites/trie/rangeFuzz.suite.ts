import { keccak_256 } from '@noble/hashes/sha3.js'
import { describe, expect, it } from 'vitest'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import { toHex } from '../../../src/base/bytes/hex.ts'
import { packLeaves } from '../../../src/leaves/packLeaves.ts'
import { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import { encodeNode } from '../../../src/trie/encodeNode.ts'
import { MemoryTrie, type TrieEntry } from '../../../src/trie/memory/MemoryTrie.ts'
import { hashReference } from '../../../src/trie/nodeReference.ts'
import type { TrieNode } from '../../../src/trie/TrieNode.ts'
import { RANGE_PROOF_FAULTS, RangeProofError } from '../../../src/verifier/errors.ts'
import type { RangeClaim, Verifier } from '../../../src/verifier/Verifier.ts'
import { randomLeaves } from '../../support/trie/randomLeaves.ts'

/** What a liar starts from, and changes. */
interface Draft {
  origin: Uint8Array
  leaves: TrieEntry[]
  proof: Uint8Array[]
}

/** Ways to lie; each changes the draft in place. */
const LIES: readonly ((draft: Draft, random: SeededRandom) => void)[] = [
  ({ proof }, random) => flipBit(proof, random),
  ({ proof }, random) => proof.splice(random.below(proof.length + 1), 1),
  ({ proof }, random) => truncate(proof, random),
  ({ proof }, random) => proof.push(random.bytes(random.below(80))),
  ({ leaves }, random) => leaves.splice(random.below(leaves.length + 1), 1),
  ({ leaves }, random) => leaves.splice(random.below(leaves.length + 1)),
  ({ leaves }, random) => leaves.splice(0, random.below(leaves.length + 1)),
  (draft, random) => {
    draft.leaves = draft.leaves.map(([key, value]) =>
      random.below(draft.leaves.length) === 0 ? [key, random.bytes(value.length)] : [key, value],
    )
  },
  (draft, random) => {
    draft.leaves = draft.leaves.map(([key, value]) =>
      random.below(draft.leaves.length) === 0 ? [random.bytes(key.length), value] : [key, value],
    )
  },
  ({ leaves, origin }, random) => {
    leaves.push([random.bytes(origin.length), random.bytes(1 + random.below(40))])
    leaves.sort(([a], [b]) => compareBytes(a, b))
  },
  ({ leaves }, random) => {
    const place = random.below(leaves.length)
    leaves.splice(place, 0, ...leaves.slice(place, place + 1))
  },
  ({ leaves }) => leaves.reverse(),
  ({ leaves }, random) => {
    const place = random.below(leaves.length)
    if (leaves[place] !== undefined) leaves[place] = [leaves[place][0], new Uint8Array()]
  },
  (draft, random) => {
    draft.origin = random.bytes(draft.origin.length)
  },
]

function flipBit(nodes: Uint8Array[], random: SeededRandom): void {
  const place = random.below(nodes.length)
  const node = nodes[place]?.slice()
  if (node === undefined || node.length === 0) return
  const at = random.below(node.length)
  node[at] = node[at]! ^ (1 << random.below(8))
  nodes[place] = node
}

function truncate(nodes: Uint8Array[], random: SeededRandom): void {
  const place = random.below(nodes.length)
  const node = nodes[place]
  if (node !== undefined) nodes[place] = node.slice(0, random.below(node.length))
}

/** `more`, or the fault; anything else that is thrown fails the test. */
function outcome(verifier: Verifier, claim: RangeClaim): boolean | string {
  try {
    return verifier.verifyRange(claim)
  } catch (error) {
    if (!(error instanceof RangeProofError)) throw error
    expect(RANGE_PROOF_FAULTS).toContain(error.fault)
    return error.fault
  }
}

/** Lies: none is believed, each is a typed fault, and all builds name the same one. */
export function rangeFuzzSuite(verifiers: readonly Verifier[], rounds: number): void {
  const random = new SeededRandom()

  const sameOutcome = (claim: RangeClaim, note: string): boolean | string => {
    const [first, ...others] = verifiers.map((verifier) => outcome(verifier, claim))
    for (const other of others) expect(other, note).toBe(first)
    return first!
  }

  describe(`hostile ranges, seed ${random.seed}`, () => {
    it('accepts exactly what is true', () => {
      let accepted = 0
      const seen = new Set<boolean | string>()
      for (let round = 0; round < rounds; round++) {
        const all = randomLeaves(random, 24)
        const keySize = all[0]![0].length
        const trie = MemoryTrie.from(all)
        const start = random.below(all.length)
        const leaves = all.slice(start, start + 1 + random.below(all.length - start))
        const origin = leaves[0]![0]
        const proof = [...trie.prove(origin), ...trie.prove(leaves.at(-1)![0])]
        const draft = { origin, leaves, proof }
        for (let lies = random.below(3); lies >= 0; lies--) random.pick(LIES)(draft, random)

        const packed = packLeaves(draft.leaves, keySize)
        const sent = random.below(10) === 0 ? undefined : draft.proof
        const result = sameOutcome(
          { root: trie.root, origin: draft.origin, leaves: packed, proof: sent },
          `round ${round}`,
        )
        seen.add(result)
        if (typeof result === 'string') continue
        accepted++
        const last = draft.leaves.at(-1)?.[0]
        const from = sent === undefined ? new Uint8Array() : draft.origin
        const upwards = [...trie.leaves(from)]
        const truth =
          last === undefined ? upwards : upwards.filter(([key]) => compareBytes(key, last) <= 0)
        expect(draft.leaves.map(hexPair)).toEqual(truth.map(hexPair))
        expect(result).toBe(upwards.length > truth.length)
        if (sent === undefined) expect(result).toBe(false)
      }
      // All that can happen to a claim about an honest trie whose keys have one size.
      expect([...seen].sort()).toEqual([
        false,
        'invalid proof',
        'more entries available',
        'proof node missing',
        'range contains deletion',
        'range is not monotonically increasing',
        true,
        'unexpected key-value pairs preceding the requested range',
      ])
      // Lies that change nothing (a stranger among the nodes, another origin in the same gap) are
      // among them.
      expect(accepted).toBeGreaterThan(rounds / 100)
      expect(accepted).toBeLessThan(rounds / 2)
    })

    it('survives tries that a liar built, whose root is all that is right', () => {
      const seen = new Set<boolean | string>()
      for (let round = 0; round < rounds; round++) {
        const all = randomLeaves(random, 12)
        const keySize = all[0]![0].length
        const trie = MemoryTrie.from(all)
        const proof = [...trie.prove(all[0]![0])]
        flipBit(proof, random)
        if (random.below(4) === 0) truncate(proof, random)
        if (random.below(8) === 0) proof.splice(0, proof.length, random.bytes(random.below(60)))
        // The changed root node is the true one of another trie, or of none.
        const root = keccak_256(proof[0] ?? new Uint8Array())
        const leaves = packLeaves(random.below(3) === 0 ? [] : all, keySize)
        seen.add(sameOutcome({ root, origin: all[0]![0], leaves, proof }, `round ${round}`))
      }
      expect(seen).toContain('bad proof node')
      expect(seen).toContain('proof node missing')
      expect(seen).toContain('invalid proof')
    })

    it('goes to the ends of the longest keys, and no further', () => {
      // Leaf n parts from the first one at nibble n: a branch at each of 128 nibbles.
      const deep = Array.from({ length: 128 }, (_, nibble): TrieEntry => {
        const key = new Uint8Array(64)
        key[nibble >> 1] = nibble % 2 === 0 ? 0x10 : 0x01
        return [key, Uint8Array.of(nibble + 1)]
      })
      const trie = MemoryTrie.from([...deep, [new Uint8Array(64), Uint8Array.of(200)]])
      const leaves = [...trie.leaves()].slice(0, 2)
      const proof = [...trie.prove(leaves[0]![0]), ...trie.prove(leaves[1]![0])]
      const claim = {
        root: trie.root,
        origin: leaves[0]![0],
        leaves: packLeaves(leaves, 64),
        proof,
      }
      expect(sameOutcome(claim, 'honest')).toBe(true)
      // The same nodes for keys that end half-way down.
      const half = { ...claim, origin: new Uint8Array(32), leaves: packLeaves([], 32) }
      expect(sameOutcome(half, 'short keys')).toBe('bad proof node')
    })

    it('ends on a chain of nodes that is longer than a key', () => {
      for (const isBranch of [true, false]) {
        const proof: Uint8Array[] = []
        let root: Uint8Array = new Uint8Array(32)
        for (let height = 0; height < 5000; height++) {
          const child = hashReference(root)
          const children = Array.from({ length: 16 }, (_, nibble) =>
            nibble === 0 ? child : undefined,
          )
          const node: TrieNode = isBranch
            ? { kind: 'branch', children }
            : { kind: 'extension', path: Uint8Array.of(0), child }
          proof.push(encodeNode(node))
          root = keccak_256(proof.at(-1)!)
        }
        const origin = new Uint8Array(32)
        for (const entries of [[], [[origin, Uint8Array.of(1)]]] as TrieEntry[][]) {
          const claim = { root, origin, leaves: packLeaves(entries), proof }
          expect(sameOutcome(claim, 'chain')).toBe('bad proof node')
        }
      }
    })
  })
}

function hexPair([key, value]: TrieEntry): string {
  return `${toHex(key)} ${toHex(value)}`
}

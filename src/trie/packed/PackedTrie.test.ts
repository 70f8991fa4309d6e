import { describe, expect, it } from 'vitest'
import { randomLeaves } from '../../../test/support/trie/randomLeaves.ts'
import { EMPTY_ROOT } from '../../account/emptyHashes.ts'
import { toHex } from '../../base/bytes/hex.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey, leafValue } from '../../leaves/Leaves.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import { SeededRandom } from '../../served/changing/SeededRandom.ts'
import { createVerifier } from '../../verifier/createVerifier.ts'
import { JsVerifier } from '../../verifier/JsVerifier.ts'
import type { Hasher } from '../Hasher.ts'
import { MemoryTrie, type TrieEntry } from '../memory/MemoryTrie.ts'
import { bytesToNibbles, type NibblePath } from '../nibbles.ts'
import { NodeBatch } from './NodeBatch.ts'
import { PackedTrie } from './PackedTrie.ts'

const batch = new NodeBatch(await createVerifier())

const shown = (entries: Iterable<TrieEntry>) =>
  Array.from(entries, ([key, value]) => `${toHex(key)} ${toHex(value)}`)

const unpacked = (runs: Iterable<Leaves>) =>
  [...runs].flatMap((leaves) => {
    return Array.from({ length: leaves.count }, (_, index): TrieEntry => {
      return [leafKey(leaves, index), leafValue(leaves, index)]
    })
  })

/** A key of the trie, one that differs from it somewhere, or any. */
function someKey(random: SeededRandom, entries: readonly TrieEntry[]): Uint8Array {
  const key = random.pick(entries)[0].slice()
  const kind = random.below(3)
  if (kind === 1) key[random.below(key.length)]! ^= 1 << random.below(8)
  return kind === 2 ? random.bytes(key.length) : key
}

function expectSame(trie: PackedTrie, model: MemoryTrie, path: NibblePath): void {
  const [node, wanted] = [trie, model].map((some) => some.node(path))
  expect(node instanceof Uint8Array ? toHex(node) : node, `node at ${path}`).toBe(
    wanted instanceof Uint8Array ? toHex(wanted) : wanted,
  )
}

describe('PackedTrie', () => {
  const base = new SeededRandom().seed

  it(`is what MemoryTrie is, whatever the leaves and the size of its blocks, seeds from ${base}`, () => {
    for (let round = 0; round < 300; round++) {
      const random = new SeededRandom(base + round)
      const entries = randomLeaves(random, random.pick([1, 3, 40, 300]))
      const packed = packLeaves(entries, entries[0]![0].length)
      // Often a stretch of the leaves only, as a storage trie is among others.
      const from = random.below(3) === 0 ? random.below(entries.length) : 0
      const to = random.below(3) === 0 ? from + random.below(entries.length - from) : undefined
      const own = entries.slice(from, to)
      const blockSize = random.pick([1, 2, 5, 64])
      const model = MemoryTrie.from(own)
      const range = { from, ...(to !== undefined && { to }) }
      const trie = new PackedTrie(packed, batch, { blockSize, ...range })
      const title = `seed ${random.seed}`
      expect(toHex(trie.root), title).toBe(toHex(model.root))
      expect(trie.count, title).toBe(own.length)
      for (let ask = 0; ask < 12; ask++) {
        const key = someKey(random, entries)
        expect(trie.prove(key).map(toHex), title).toEqual(model.prove(key).map(toHex))
        expect(trie.get(key), title).toEqual(model.get(key))
        const wanted = shown(model.leaves(key))
        expect(shown(trie.leaves(key)), title).toEqual(wanted)
        expect(shown(unpacked(trie.runs(key))), title).toEqual(wanted)
        const path = bytesToNibbles(key)
        for (let depth = 0; depth <= path.length; depth++) {
          expectSame(trie, model, path.subarray(0, depth))
        }
        expectSame(trie, model, Uint8Array.of(...path, 0))
      }
      // A root that is given spares the hashing, and changes nothing else.
      const known = new PackedTrie(packed, batch, { blockSize, ...range, root: model.root })
      const key = someKey(random, entries)
      expect(known.prove(key).map(toHex), title).toEqual(model.prove(key).map(toHex))
    }
  })

  it('is empty without leaves', () => {
    const trie = new PackedTrie(packLeaves([]), batch)
    const key = new Uint8Array(32)
    expect(toHex(trie.root)).toBe(EMPTY_ROOT)
    expect(trie.prove(key)).toEqual([])
    expect(trie.node(new Uint8Array())).toBeUndefined()
    expect(trie.get(key)).toBeUndefined()
    expect([...trie.leaves(), ...trie.runs(key)]).toEqual([])
  })

  it('refuses what is no sorted list of leaves, and names the key', () => {
    const leaf = (byte: number, size = 1): TrieEntry => [Uint8Array.of(byte), new Uint8Array(size)]
    const from = (...entries: TrieEntry[]) => {
      return () => new PackedTrie(packLeaves(entries, 1), batch)
    }
    const order = (message: string) =>
      expect.objectContaining({ code: 'LEAF_ORDER', message: expect.stringContaining(message) })
    expect(from(leaf(1), leaf(3), leaf(3))).toThrow(order('0x03 occurs twice'))
    expect(from(leaf(1), leaf(3), leaf(2))).toThrow(order('0x02 comes after 0x03'))
    expect(from(leaf(1), leaf(3, 0))).toThrow(order('0x03 has no value'))
  })

  it('hashes each node once to be built, and one block to prove a key', () => {
    let hashed = 0
    const js = new JsVerifier()
    const counting: Hasher = {
      branchOf: (leaves) => js.branchOf(leaves),
      keccak256: (input) => {
        hashed++
        return js.keccak256(input)
      },
      keccak256Batch: (inputs) => {
        hashed += inputs.length
        return js.keccak256Batch(inputs)
      },
    }
    const random = new SeededRandom(1)
    const entries = new Map(
      Array.from({ length: 5000 }, () => {
        const key = random.bytes(32)
        return [toHex(key), [key, random.bytes(70)]] as const
      }),
    )
    const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
    const nodes = new Set<string>()
    const model = MemoryTrie.from(sorted)
    for (const [key] of sorted) for (const node of model.prove(key)) nodes.add(toHex(node))
    const trie = new PackedTrie(packLeaves(sorted), new NodeBatch(counting))
    // The root is a node of the tables and hashed again for itself.
    expect(hashed).toBeLessThanOrEqual(nodes.size + 1)
    hashed = 0
    for (const [key] of sorted.slice(2000, 2010)) {
      trie.prove(key)
      trie.prove(key)
    }
    expect(hashed).toBeLessThan(2 * 64)
  })

  it('proves rightly after its hasher has failed once', () => {
    const js = new JsVerifier()
    let fails = false
    const hasher: Hasher = {
      branchOf: (leaves) => js.branchOf(leaves),
      keccak256: (input) => js.keccak256(input),
      keccak256Batch: (inputs) => {
        if (fails) throw new RangeError('out of memory')
        return js.keccak256Batch(inputs)
      },
    }
    const entries = randomLeaves(new SeededRandom(2), 300)
    const trie = new PackedTrie(packLeaves(entries), new NodeBatch(hasher))
    const wanted = MemoryTrie.from(entries)
    fails = true
    expect(() => entries.map(([key]) => trie.prove(key))).toThrow('out of memory')
    fails = false
    for (const [key] of entries) {
      expect(trie.prove(key).map(toHex)).toEqual(wanted.prove(key).map(toHex))
    }
  })
})

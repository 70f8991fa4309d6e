import { RLP } from '@ethereumjs/rlp'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { randomLeaves } from '../../test/support/trie/randomLeaves.ts'
import { SeededRandom } from '../served/changing/SeededRandom.ts'
import { decodeNode } from './decodeNode.ts'
import { encodeNode } from './encodeNode.ts'
import { MemoryTrie } from './memory/MemoryTrie.ts'

const refused = expect.objectContaining({ name: 'TrieNodeError', code: 'TRIE_NODE' })
const hash = new Uint8Array(32).fill(7)
const none = new Uint8Array()
const leafPath = Uint8Array.of(0x20)
const branch = (...children: (Uint8Array | Uint8Array[])[]) =>
  RLP.encode([...children, ...new Array(17 - children.length).fill(none)])

describe('node codec', () => {
  it('gives back every node of real tries, byte by byte', () => {
    const random = new SeededRandom()
    for (let round = 0; round < 200; round++) {
      const trie = MemoryTrie.from(randomLeaves(random, 30))
      for (const [key] of trie.leaves()) {
        for (const node of trie.prove(key)) {
          expect(encodeNode(decodeNode(node)), `seed ${random.seed}`).toEqual(node)
        }
      }
    }
  })

  it('reads the three kinds', () => {
    const reference = RLP.encode(hash)
    expect(decodeNode(RLP.encode([Uint8Array.of(0x3a), Uint8Array.of(5)]))).toEqual({
      kind: 'leaf',
      path: Uint8Array.of(10),
      value: Uint8Array.of(5),
    })
    expect(decodeNode(RLP.encode([Uint8Array.of(0x00, 0x12), hash]))).toEqual({
      kind: 'extension',
      path: Uint8Array.of(1, 2),
      child: reference,
    })
    const embedded = [Uint8Array.of(0x31), Uint8Array.of(5)]
    expect(decodeNode(branch(none, hash, embedded))).toEqual({
      kind: 'branch',
      children: [undefined, reference, RLP.encode(embedded), ...new Array(13).fill(undefined)],
    })
  })

  it.each<[string, Uint8Array]>([
    ['nothing', none],
    ['a string', RLP.encode(hash)],
    ['an empty list', RLP.encode([])],
    ['one item', RLP.encode([leafPath])],
    ['three items', RLP.encode([leafPath, hash, hash])],
    ['eighteen items', RLP.encode(new Array(18).fill(none))],
    ['bytes after the node', Uint8Array.of(...RLP.encode([leafPath, hash]), 0)],
    ['a list for a path', RLP.encode([[leafPath], hash])],
    ['an empty path string', RLP.encode([none, hash])],
    ['a leaf without value', RLP.encode([leafPath, none])],
    ['a leaf with a list for a value', RLP.encode([leafPath, [hash]])],
    ['an extension without path', RLP.encode([Uint8Array.of(0), hash])],
    ['an extension without child', RLP.encode([Uint8Array.of(0x11), none])],
    ['a hash of 31 bytes', RLP.encode([Uint8Array.of(0x11), hash.subarray(1)])],
    ['a hash of one byte', branch(Uint8Array.of(5), hash)],
    ['an embedded node of 32 bytes', branch([leafPath, hash.subarray(3)], hash)],
    ['a branch with a value', RLP.encode([...new Array(16).fill(hash), Uint8Array.of(1)])],
    ['a size that is longer than needed', Uint8Array.of(0xf8, 2, 0x20, 5)],
    ['a byte with a header', Uint8Array.of(0xc3, 0x81, 0x20, 5)],
  ])('refuses %s', (_, encoded) => {
    expect(() => decodeNode(encoded)).toThrow(refused)
  })

  it('accepts nothing but what it writes', () => {
    // Real nodes with bytes changed come closer to the edges than random bytes do.
    const real = RLP.encode([Uint8Array.of(0x3a), Uint8Array.of(5)])
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .tuple(
          fc.constantFrom(real, branch(hash, hash), branch([leafPath, leafPath], hash)),
          fc.nat(),
          fc.integer({ min: 0, max: 255 }),
        )
        .map(([node, at, byte]) =>
          node.map((old, index) => (index === at % node.length ? byte : old)),
        ),
    )
    fc.assert(
      fc.property(bytes, (encoded) => {
        try {
          expect(encodeNode(decodeNode(encoded))).toEqual(encoded)
        } catch (error) {
          expect(error).toEqual(refused)
        }
      }),
      { numRuns: 5000 },
    )
  })
})

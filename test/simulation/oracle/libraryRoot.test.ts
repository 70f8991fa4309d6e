import { createMPT } from '@ethereumjs/mpt'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { expect, it } from 'vitest'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import { keyNear } from '../../../src/served/changing/blocks/keyNear.ts'
import { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import { libraryRoot } from './libraryRoot.ts'

it("has the root of the library's own trie, embedded nodes and long extensions included", async () => {
  for (let seed = 0; seed < 30; seed++) {
    const random = new SeededRandom(seed)
    const leaves = new Map<string, [Uint8Array, Uint8Array]>()
    const trie = await createMPT()
    for (let left = random.below(12); left > 0; left--) {
      const known = [...leaves.values()].at(-1)?.[0]
      const key = known && left % 2 === 0 ? keyNear(random, known, 63) : random.bytes(32)
      const value = random.bytes(1 + random.below(2) * 40)
      leaves.set(bytesToHex(key), [key, value])
      await trie.put(key, value)
    }
    const ascending = [...leaves.values()].sort(([a], [b]) => compareBytes(a, b))
    const root = bytesToHex(libraryRoot(ascending, keccak_256))
    expect({ seed, root }).toEqual({ seed, root: bytesToHex(trie.root()) })
  }
})

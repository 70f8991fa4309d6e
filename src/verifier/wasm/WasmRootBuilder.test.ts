import { createMPT } from '@ethereumjs/mpt'
import { describe, expect, it } from 'vitest'
import { randomEntries } from '../../../test/support/bytes/randomEntries.ts'
import { randomSource } from '../../../test/support/bytes/randomSource.ts'
import { toHex } from '../../base/bytes/hex.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import { loadWasm } from './loadWasm.ts'

for (const build of ['simd', 'plain'] as const) {
  const verifier = await loadWasm({ build })
  const random = randomSource()

  describe(`root builder in wasm, ${build}, seed ${random.seed}`, () => {
    it('has the root of @ethereumjs/mpt, at once and in any batches', async () => {
      for (let round = 0; round < 150; round++) {
        const keySize = random.pick([1, 2, 3, 20, 32, 33, 64])
        const entries = randomEntries(random, random.below(120), keySize)
        const trie = await createMPT()
        for (const [key, value] of entries) await trie.put(key, value)

        const whole = verifier.rootBuilder()
        whole.add(packLeaves(entries, keySize))
        const inBatches = verifier.rootBuilder()
        for (let start = 0; start < entries.length; ) {
          const end = start + random.below(random.pick([2, 5, 50]))
          inBatches.add(packLeaves(entries.slice(start, end), keySize))
          start = end
        }
        expect(toHex(whole.root()), `round ${round}`).toBe(toHex(trie.root()))
        expect(toHex(inBatches.root()), `round ${round}`).toBe(toHex(trie.root()))
      }
    })

    it('needs no more memory for a hundred batches than for three', async () => {
      const own = await loadWasm({ build })
      const entries = randomEntries(random, 10_000, 32)
      const builder = own.rootBuilder()
      const sizes: number[] = []
      for (let start = 0; start < entries.length; start += 100) {
        builder.add(packLeaves(entries.slice(start, start + 100)))
        sizes.push(own.memorySize)
      }
      // One page of slack: batches differ in how long their values are.
      expect(sizes.at(-1)! - sizes[2]!).toBeLessThanOrEqual(65_536)
      const whole = own.rootBuilder()
      whole.add(packLeaves(entries))
      expect(toHex(builder.root())).toBe(toHex(whole.root()))
    })

    it('goes on after a refused batch as if it had not been given', () => {
      const entries = randomEntries(random, 40, 32)
      const half = entries.length >> 1
      const builder = verifier.rootBuilder()
      builder.add(packLeaves(entries.slice(0, half)))
      const refused = expect.objectContaining({ code: 'LEAF_ORDER' })
      expect(() => builder.add(packLeaves(entries.slice(0, 1)))).toThrow(refused)
      expect(() => builder.add(packLeaves(entries.slice(half).reverse()))).toThrow(refused)
      builder.add(packLeaves(entries.slice(half)))
      const whole = verifier.rootBuilder()
      whole.add(packLeaves(entries))
      expect(toHex(builder.root())).toBe(toHex(whole.root()))
    })
  })
}

import { describe, expect, test } from 'vitest'
import { hashKey, makeLeaves, slotKey } from '../../support/store/makeLeaves.ts'
import type { StoreUnderTest } from '../../support/store/StoreUnderTest.ts'

/** How leaves are laid out in pages. */
export function pagesSuite(subject: StoreUnderTest): void {
  describe('pages', () => {
    test('hold many small contracts and one of 20,000 slots', async () => {
      const large = Array.from({ length: 20_000 }, (_, slot) => slotKey('large', slot))
      const small = Array.from({ length: 2000 }, (_, at) => slotKey(`small ${at >> 1}`, at))
      const value = (index: number) => hashKey(index).subarray(0, 1 + (index % 32))
      await subject.commit({ slots: makeLeaves(small, value) })
      await subject.commit({ slots: makeLeaves(large, value) })
      await subject.expectContents()

      const sizes = await subject.pageSizes('slots')
      expect(Math.max(...sizes)).toBeLessThanOrEqual(32 * 1024)
      expect(sum(sizes) / (await subject.store.working.totals()).bytes).toBeLessThan(1.15)
      // 128 KB of small contracts and 0.95 MB of the large one, whose account hash is not repeated.
      expect(sizes.length).toBeLessThan(70)
    })

    test('of plain accounts take no more than 1.15 times their payload', async () => {
      const keys = Array.from({ length: 9000 }, (_, index) => hashKey(index))
      // Slim account RLP of a nonce, a balance of 9 bytes, no storage, no code.
      await subject.commit({ accounts: makeLeaves(keys, () => new Uint8Array(14).fill(0xcd)) })
      expect(
        sum(await subject.pageSizes('accounts')) / (await subject.store.working.totals()).bytes,
      ).toBeLessThan(1.15)
    })

    test.each([16, 32])('of keys that differ only before byte %i', async (end) => {
      const keys = Array.from({ length: 4096 }, (_, index) => {
        const key = hashKey('shared')
        key.set([index >> 8, index & 0xff], end - 2)
        return key
      })
      const value = (index: number) => new Uint8Array(100).fill(index)
      await subject.commit({ accounts: makeLeaves(keys, value) })
      // Keys beside the shared prefix, which no page holds yet.
      const others = Array.from({ length: 100 }, (_, index) => hashKey(index))
      await subject.commit({ accounts: makeLeaves(others, value) })
      await subject.expectContents()
      expect(Math.max(...(await subject.pageSizes('accounts')))).toBeLessThanOrEqual(32 * 1024)
    })

    test('of one leaf larger than a page hold nothing else', async () => {
      const keys = Array.from({ length: 300 }, (_, index) => hashKey(index))
      await subject.commit({
        accounts: makeLeaves(keys, (index) => new Uint8Array(index === 7 ? 100_000 : 50)),
      })
      await subject.expectContents()
      const large = (await subject.pageSizes('accounts')).filter((size) => size > 32 * 1024)
      expect(large).toEqual([100_000 + 16 + 32 + 4])
    })
  })
}

function sum(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total + size, 0)
}

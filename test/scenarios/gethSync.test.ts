import { keccak_256 } from '@noble/hashes/sha3.js'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../../src/base/bytes/hex.ts'
import { SeededRandom } from '../../src/served/changing/SeededRandom.ts'
import { openMemoryStore } from '../../src/store/openMemoryStore.ts'
import { estimateRemainingSlots } from '../../src/sync/download/estimateRemainingSlots.ts'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import { gethSyncScenarios } from './gethSync.suite.ts'

// Into IndexedDB, the same runs in a browser.
gethSyncScenarios('into memory', async () => {
  const store = await openMemoryStore()
  return { store, destroy: () => store.close() }
})

describe("the reference's sync tests", () => {
  it('TestHashing', async () => {
    const random = new SeededRandom()
    const inputs = Array.from({ length: 1000 }, (_, index) => random.bytes(index % 400))
    const expected = inputs.map((input) => keccak_256(input))
    for (const build of ['simd', 'plain', 'js'] as const) {
      const verifier = await createVerifier({ build })
      const seed = `${build}, seed ${random.seed}`
      expect(
        inputs.map((input) => verifier.keccak256(input)),
        seed,
      ).toEqual(expected)
      const digests = verifier.keccak256Batch(inputs)
      const batch = inputs.map((_, index) => digests.slice(index * 32, (index + 1) * 32))
      expect(batch, seed).toEqual(expected)
    }
  })

  it('TestSlotEstimation', () => {
    const last = (start: string, fill: string) =>
      fromHex(`0x${start.padEnd(64, fill)}`, 'last slot hash', 32)
    const one = fromHex(`0x${'1'.padStart(64, '0')}`, 'last slot hash', 32)
    expect(estimateRemainingSlots(100, last('7', 'f'))).toBe(100n)
    expect(estimateRemainingSlots(100, last('0', 'f'))).toBe(1500n)
    expect(estimateRemainingSlots(100, last('1', '0'))).toBe(1499n)
    expect(estimateRemainingSlots(100, last('f', '0'))).toBe(6n)
    const tooFew = expect.objectContaining({ code: 'SLOT_ESTIMATE' })
    expect(() => estimateRemainingSlots(1, one)).toThrow(tooFew)
    expect(() => estimateRemainingSlots(100, last('', '0'))).toThrow(tooFew)
  })
})

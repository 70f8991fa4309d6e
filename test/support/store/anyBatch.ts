import fc from 'fast-check'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import type { StoreBatch } from '../../../src/store/StateStore.ts'
import { codeEntry } from './codeEntry.ts'
import { hashKey, makeLeaves } from './makeLeaves.ts'

/** Sixty keys. Most share long prefixes, so random batches meet each other and split pages. */
const KEYS = Array.from({ length: 60 }, (_, index) => {
  const key = hashKey(`prefix ${index % 3}`)
  key.set(hashKey(index).subarray(0, 4), [0, 1, 16, 28][index % 4]!)
  return key
})

const anyValue = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.oneof(fc.nat(40), fc.nat(4000)))
  .map(([byte, size]) => new Uint8Array(size).fill(byte))

const anyLeaves = (keys: readonly Uint8Array[]) =>
  fc
    .uniqueArray(fc.tuple(fc.nat(keys.length - 1), anyValue), { selector: ([at]) => at })
    .map((picks) =>
      makeLeaves(
        picks.map(([at]) => keys[at]!),
        (index) => picks[index]![1],
      ),
    )

const SLOT_KEYS = KEYS.map((key, index) => {
  const slot = new Uint8Array(64)
  slot.set(KEYS[index % 5]!)
  slot.set(key, 32)
  return slot
})

/** Ranges from key to key, many of one key or of most, in any order, overlapping. */
const anyRanges = (keys: readonly Uint8Array[]) =>
  fc.array(
    fc.tuple(fc.nat(keys.length - 1), fc.nat(keys.length - 1), fc.boolean()).map(([a, b, one]) => {
      const [first, last] = [keys[a]!, keys[one ? a : b]!].sort(compareBytes)
      return { first: first!, last: last! }
    }),
    { maxLength: 3 },
  )

/** A batch of anything that a store takes. */
export const anyBatch: fc.Arbitrary<StoreBatch> = fc.record(
  {
    removeAccounts: anyRanges(KEYS),
    removeSlots: anyRanges(SLOT_KEYS),
    accounts: anyLeaves(KEYS),
    slots: anyLeaves(SLOT_KEYS),
    // Few, so that batches have some in common.
    codes: fc.array(fc.nat(4).map((size) => codeEntry(new Uint8Array(5 * size).fill(size)))),
    journal: fc
      .array(
        fc.tuple(
          fc.oneof(
            fc.constantFrom('a', 'b'),
            fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 }),
          ),
          fc.option(fc.uint8Array({ maxLength: 20 }), { nil: undefined }),
        ),
      )
      .map((records) => new Map(records)),
    complete: fc.constantFrom(hashKey('root 0'), hashKey('root 1')),
  },
  { requiredKeys: [] },
)

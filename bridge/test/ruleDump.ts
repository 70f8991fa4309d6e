import { SeededRandom } from '../../src/served/changing/SeededRandom.ts'
import { type DumpedAccount, gethDump } from './gethDump.ts'

/**
 * Two slots whose hashes begin with the same nine nibbles: their leaf nodes are embedded in a
 * branch.
 */
const NEAR_SLOTS = [247_476, 515_151] as const

/**
 * A dump, as geth writes it, of a state that gives every server rule an occasion. The same every
 * time.
 */
export function ruleDump() {
  const random = new SeededRandom(4)
  const storages = [slots(300, random), slots(8, random), new Map(NEAR_SLOTS.map((at) => [at, 1n]))]
  const codes = [100, 24_576, 1, 300].map((size) => random.bytes(size))
  const accounts = Array.from(
    { length: 200 },
    (_, index): DumpedAccount => ({
      address: random.bytes(20),
      balance: BigInt(random.below(2 ** 31)) * 10n ** 18n,
      nonce: BigInt(random.below(300)),
      code: codes[index] ?? new Uint8Array(),
      storage: storages[index] ?? new Map(),
    }),
  )
  return gethDump(accounts)
}

/** Values of one byte and of 31. */
function slots(count: number, random: SeededRandom): Map<number, bigint> {
  const value = (slot: number) => BigInt(1 + random.below(255)) << (slot % 2 === 0 ? 0n : 240n)
  return new Map(Array.from({ length: count }, (_, slot) => [slot, value(slot)]))
}

import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { fromHex } from '../../../src/base/bytes/hex.ts'
import type { AccountEntry } from '../../../src/served/AccountEntry.ts'
import { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import { StateTruth } from './StateTruth.ts'

/** Slot hashes and their values. */
export type Slots = NonNullable<AccountEntry['hashedStorage']>

/** What a test says of an account; the rest follows from its name. */
export interface AccountSketch {
  balance?: bigint
  code?: Uint8Array
  slots?: Slots
}

/**
 * The accounts of a state by their names, from which others can be made: `{ ...accounts, name: {
 * balance: 2n } }`.
 */
export type Sketches = Readonly<Record<string, AccountSketch | undefined>>

/** An account's hash: a name that begins with hexadecimal digits and a dash says how it begins. */
export function hashOf(name: string): Uint8Array {
  const hash = keccak_256(utf8ToBytes(name))
  const [prefix] = /^[0-9a-f]+(?=-)/.exec(name) ?? ['']
  const digits = bytesToHex(hash)
  return fromHex(`0x${prefix}${digits.slice(prefix.length)}`, 'account hash', 32)
}

/** The state of these accounts; those that are `undefined` are gone. */
export function stateOf(sketches: Sketches): StateTruth {
  const entries = Object.entries(sketches).flatMap(([name, sketch]): AccountEntry[] => {
    if (sketch === undefined) return []
    const { balance = BigInt(name.length), code = new Uint8Array(), slots = [] } = sketch
    const hash = hashOf(name)
    return [{ name, hash, balance, nonce: 1n, code, storage: [], hashedStorage: slots }]
  })
  return new StateTruth(entries)
}

/** Plain accounts all over the key space, to stand between the others. */
export function plainAccounts(count: number, balance = 1n): Record<string, AccountSketch> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`plain ${index}`, { balance }]),
  )
}

/** Slots all over the key space. */
export function slotsOf(seed: number, count: number): Slots {
  const random = new SeededRandom(seed)
  return Array.from({ length: count }, () => [random.bytes(32), 1n + BigInt(random.below(2 ** 31))])
}

/**
 * Slots whose first ones lie so close that the others seem to be hundreds of thousands: fetched in
 * 16 chunks, of `count` slots in all.
 */
export function crowdedSlots(seed: number, count: number, crowd = 24): Slots {
  const near = slotsOf(seed + 1, crowd).map(([slot, value]) => {
    const low = slot.slice()
    low.set([0, 0, 1 + (slot[2]! & 0x1f)])
    return [low, value] as const
  })
  // None below the crowd, which would be first.
  const far = slotsOf(seed, count - crowd).map(([slot, value]) => {
    return [slot.with(0, slot[0]! | 1), value] as const
  })
  return [...near, ...far]
}

/** Code of some length. */
export function codeOf(seed: number, length = 60): Uint8Array {
  return new SeededRandom(seed).bytes(length)
}

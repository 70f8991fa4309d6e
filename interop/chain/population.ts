import type { Hex } from '../../src/base/bytes/hex.ts'
import { cellCode, createdAddress, initCode, MAX_CODE_BYTES } from './contracts.ts'

/** A contract that the factory makes: under one salt, with one code. */
export interface Contract {
  salt: number
  init: Uint8Array
  address: Hex
}

function contract(salt: number, init: Uint8Array): Contract {
  return { salt, init, address: createdAddress(salt, init) }
}

/**
 * What the blocks of the seed chain make. With the genesis block's: over 20,000 accounts and over
 * 100,000 slots.
 */
export const SIZES = {
  sprinkled: 15_000,
  /** Seed of the sprinkled addresses. */
  sprinkledSeed: 1,
  small: 1_500,
  middleSlots: 4_000,
  largeSlots: 56_000,
}

/** One contract larger than any answer can be. */
export const LARGE: Contract = contract(1, initCode(cellCode(1, 120)))

/** Contracts that take several answers each. */
export const MIDDLE: readonly Contract[] = Array.from({ length: 10 }, (_, index) =>
  contract(10 + index, initCode(cellCode(2, 700))),
)

/** Of one code and with a few slots each, or with none. */
const SMALL_INIT = initCode(cellCode(3, 100), true)
export const FIRST_SMALL = 1_000
export const SMALL: readonly Contract[] = Array.from({ length: SIZES.small }, (_, index) =>
  contract(FIRST_SMALL + index, SMALL_INIT),
)

/**
 * Each with a code of its own, from the smallest to the largest that is allowed; three contracts
 * have each code.
 */
export const CODES = 72
export const COPIES = 3
export const CODED: readonly Contract[] = Array.from({ length: CODES * COPIES }, (_, index) => {
  const code = Math.floor(index / COPIES)
  const bytes = Math.floor(100 * (MAX_CODE_BYTES / 100) ** (code / (CODES - 1)))
  return contract(10_000 + index, initCode(cellCode(100 + code, bytes)))
})

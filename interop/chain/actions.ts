import { concatBytes } from '@noble/hashes/utils.js'
import type { Hex } from '../../src/base/bytes/hex.ts'
import { FACTORY, SPRINKLER, word } from './contracts.ts'
import type { Action } from './Wallet.ts'

/** Gas of a transaction itself and of its data, at most, and some to spare. */
function overhead(data: Uint8Array): number {
  return 80_000 + 16 * data.length
}

/** Sends ether, which makes the account if it does not exist. */
export function pay(to: Hex, value: number): Action {
  return { to, value, gasLimit: 60_000 }
}

/** Makes the accounts of these indexes and this seed, or pays them once more. */
export function sprinkle(from: number, to: number, seed: number): Action {
  const data = concatBytes(word(from), word(to), word(seed))
  const value = ((to - from) * (from + to + 1)) / 2
  return { to: SPRINKLER, data, value, gasLimit: overhead(data) + 37_000 * (to - from) }
}

/** Writes the slots `from` to `to - 1` of a contract; with a seed of 0 clears them. */
export function write(contract: Hex, from: number, to: number, seed: number): Action {
  const data = concatBytes(word(from), word(to), word(seed))
  return { to: contract, data, gasLimit: overhead(data) + 22_500 * (to - from) }
}

/** Removes a contract with all that it has stored. */
export function destroy(contract: Hex): Action {
  return { to: contract, data: Uint8Array.of(1), gasLimit: 100_000 }
}

/** Makes `count` contracts with the salts from `first` on. */
export function create(first: number, count: number, init: Uint8Array): Action {
  const data = concatBytes(word(first), word(count), init)
  // Creation, the code at 200 gas a byte, and 15 slots, which a scattering constructor writes at
  // most.
  const each = 32_000 + 202 * init.length + 15 * 22_500
  return { to: FACTORY, data, gasLimit: overhead(data) + count * each }
}

import { keccak_256 } from '@noble/hashes/sha3.js'
import { toHex } from '../bytes/hex.ts'
import type { AccountEntry } from '../snap/AccountEntry.ts'
import { SeededRandom } from './SeededRandom.ts'

/** What a synthetic state looks like. */
export interface StateShape {
  /** The same seed and shape give the same state. */
  seed: number
  accounts: number
  /** Part of the accounts that are contracts. @default 0.1 */
  contracts?: number
  /** Slots of the largest contract; the others follow a power law, so that most have one or two. @default 1000 */
  maxSlots?: number
  /** Different codes that the contracts share. @default 16 */
  codes?: number
}

/**
 * Accounts of a made-up state, the same for the same shape: plain ones, and contracts with code and mostly with storage.
 *
 * @example
 * ```ts
 * const state = memoryState(syntheticAccounts({ seed: 1, accounts: 10_000 }))
 * ```
 */
export function* syntheticAccounts(shape: StateShape): Generator<AccountEntry> {
  const { seed, accounts, contracts = 0.1, maxSlots = 1000, codes = 16 } = shape
  const random = new SeededRandom(seed)
  const library = Array.from({ length: codes }, () => random.bytes(1 + random.below(2000)))
  for (let index = 0; index < accounts; index++) {
    const address = random.bytes(20)
    const entry: AccountEntry = {
      name: toHex(address),
      hash: keccak_256(address),
      balance: BigInt(random.below(2 ** 31)) * 10n ** BigInt(random.below(18)),
      nonce: BigInt(random.below(1000)),
      code: new Uint8Array(),
      storage: [],
    }
    if (random.below(1_000_000) < contracts * 1_000_000) {
      entry.code = random.pick(library)
      // Pareto with exponent 1: half of the contracts have one slot, one in a thousand about a thousand.
      const slots = Math.min(maxSlots, Math.floor(1 / (random.below(1_000_000) / 1_000_000 + 1e-6)))
      entry.storage = Array.from({ length: slots }, () => {
        return [random.bytes(32), 1n + BigInt(random.below(2 ** 31))] as const
      })
    }
    yield entry
  }
}

import { keccak_256 } from '@noble/hashes/sha3.js'
import { toHex } from '../base/bytes/hex.ts'
import type { AccountEntry } from '../served/AccountEntry.ts'
import { AccountDraws } from './synthetic/AccountDraws.ts'
import type { StateShape } from './synthetic/StateShape.ts'

/**
 * Accounts of a made-up state, the same for the same shape: plain ones, and contracts with code and
 * storage. One object after the other; `syntheticState` makes the same state ten times as fast.
 *
 * @example
 * ```ts
 * const state = memoryState(syntheticAccounts({ seed: 1, accounts: 10_000 }))
 * ```
 */
export function* syntheticAccounts(shape: StateShape): Generator<AccountEntry> {
  const draws = new AccountDraws(shape)
  const models: AccountEntry['storage'][] = []
  for (let index = 0; index < shape.accounts; index++) {
    draws.next()
    const storage = draws.model < 0 ? drawStorage(draws) : models[draws.model]!
    if (draws.isModel) models.push(storage)
    yield {
      name: toHex(draws.address),
      hash: keccak_256(draws.address),
      balance: BigInt(draws.mantissa) * 10n ** BigInt(draws.exponent),
      nonce: BigInt(draws.nonce),
      code: draws.codes[draws.code] ?? new Uint8Array(),
      storage,
    }
  }
}

function drawStorage(draws: AccountDraws): AccountEntry['storage'] {
  return Array.from({ length: draws.slots }, () => {
    draws.nextSlot()
    return [draws.slot.slice(), BigInt(draws.value)] as const
  })
}

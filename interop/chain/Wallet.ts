import { type Common, createCustomCommon, Hardfork, Mainnet } from '@ethereumjs/common'
import { createLegacyTx } from '@ethereumjs/tx'
import { createAddressFromPrivateKey } from '@ethereumjs/util'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { type Hex, toHex } from '../../src/base/bytes/hex.ts'

export const CHAIN_ID = 1337

/** What a transaction is to do. */
export interface Action {
  to: Hex
  data?: Uint8Array
  /** In wei. */
  value?: number
  gasLimit: number
}

/** Far above the base fee of any of the chain's blocks. */
const GAS_PRICE = 1_000_000_000n

/** An account with a key, which signs transactions one after the other. */
export class Wallet {
  readonly address: Hex
  readonly #key: Uint8Array
  readonly #common: Common

  /** @param name the key comes from it: no secret, for test chains only */
  constructor(name: string) {
    this.#key = keccak_256(utf8ToBytes(name))
    this.address = createAddressFromPrivateKey(this.#key).toString()
    const chain = { chainId: CHAIN_ID, name: 'interop' }
    this.#common = createCustomCommon(chain, Mainnet, { hardfork: Hardfork.Shanghai })
  }

  /** Signed transactions that do this, in this order, from a nonce on. */
  sign(actions: readonly Action[], nonce: number): Hex[] {
    return actions.map(({ to, data, value = 0, gasLimit }, index) => {
      const fields = { to, value, gasLimit, gasPrice: GAS_PRICE, nonce: nonce + index }
      const transaction = createLegacyTx(
        { ...fields, data: data ?? new Uint8Array() },
        { common: this.#common },
      )
      return toHex(transaction.sign(this.#key).serialize())
    })
  }
}

import { bytesToHex } from '@noble/hashes/utils.js'
import { type Hex, toHex } from '../bytes/hex.ts'
import { RlpCursor } from '../bytes/RlpCursor.ts'
import type { StateStore } from '../store/StateStore.ts'
import { decodeSlimAccount } from '../trie/accountCodec.ts'
import type { Verifier } from '../wasm/Verifier.ts'
import type { AccountState } from './AccountState.ts'

/** Reads single values of a state out of a store. Whoever makes one knows that the state is complete. */
export class StateReader {
  readonly #store: StateStore
  readonly #verifier: Verifier

  constructor(store: StateStore, verifier: Verifier) {
    this.#store = store
    this.#verifier = verifier
  }

  /** @param address 20 bytes */
  async account(address: Uint8Array): Promise<AccountState | undefined> {
    const slim = await this.#store.getAccount(this.#verifier.keccak256(address))
    if (slim === undefined) return undefined
    const { balance, nonce, storageRoot, codeHash } = decodeSlimAccount(slim)
    const code = await this.#store.getCode(codeHash)
    return {
      balance,
      nonce,
      storageRoot: toHex(storageRoot),
      codeHash: toHex(codeHash),
      codeSize: code?.length ?? 0,
    }
  }

  /**
   * @param address 20 bytes
   * @param slot 32 bytes
   * @returns 32 bytes, zero where the slot is not set
   */
  async storage(address: Uint8Array, slot: Uint8Array): Promise<Hex> {
    const accountHash = this.#verifier.keccak256(address)
    const value = await this.#store.getSlot(accountHash, this.#verifier.keccak256(slot))
    const bytes = value === undefined ? new Uint8Array() : new RlpCursor(value).string('slot value')
    return `0x${bytesToHex(bytes).padStart(64, '0')}`
  }

  /** @param address 20 bytes */
  async code(address: Uint8Array): Promise<Hex> {
    const slim = await this.#store.getAccount(this.#verifier.keccak256(address))
    const code = slim && (await this.#store.getCode(decodeSlimAccount(slim).codeHash))
    return toHex(code ?? new Uint8Array())
  }
}

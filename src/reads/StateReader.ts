import { bytesToHex } from '@noble/hashes/utils.js'
import { decodeSlimAccount } from '../account/accountCodec.ts'
import { emptyCodeHash } from '../account/emptyHashes.ts'
import { compareBytes } from '../base/compareBytes.ts'
import { type Hex, toHex } from '../base/hex.ts'
import { RlpReader } from '../rlp/RlpReader.ts'
import type { StateView } from '../store/StateView.ts'
import type { Verifier } from '../verifier/Verifier.ts'
import type { AccountState } from './AccountState.ts'

/** Reads single values of a state out of a complete one. */
export class StateReader {
  readonly #view: StateView
  readonly #verifier: Verifier

  constructor(view: StateView, verifier: Verifier) {
    this.#view = view
    this.#verifier = verifier
  }

  /** @param address 20 bytes */
  async account(address: Uint8Array): Promise<AccountState | undefined> {
    const slim = await this.#view.getAccount(this.#verifier.keccak256(address))
    if (slim === undefined) return undefined
    const { balance, nonce, storageRoot, codeHash } = decodeSlimAccount(slim)
    const isPlain = compareBytes(codeHash, emptyCodeHash()) === 0
    const code = isPlain ? undefined : await this.#view.getCode(codeHash)
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
    const value = await this.#view.getSlot(accountHash, this.#verifier.keccak256(slot))
    const bytes = value === undefined ? new Uint8Array() : new RlpReader(value).string('slot value')
    return `0x${bytesToHex(bytes).padStart(64, '0')}`
  }

  /** @param address 20 bytes */
  async code(address: Uint8Array): Promise<Hex> {
    const slim = await this.#view.getAccount(this.#verifier.keccak256(address))
    const code = slim && (await this.#view.getCode(decodeSlimAccount(slim).codeHash))
    return toHex(code ?? new Uint8Array())
  }
}

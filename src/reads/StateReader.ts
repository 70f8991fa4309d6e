import { bytesToHex, concatBytes } from '@noble/hashes/utils.js'
import type { Account } from '../account/Account.ts'
import { decodeSlimAccount } from '../account/accountCodec.ts'
import { emptyCodeHash, emptyRoot } from '../account/emptyHashes.ts'
import { compareBytes } from '../base/bytes/compareBytes.ts'
import { FIRST_HASH } from '../base/bytes/hash32.ts'
import { type Hex, toHex } from '../base/bytes/hex.ts'
import { CambiumError } from '../base/CambiumError.ts'
import { leafKey } from '../leaves/Leaves.ts'
import { RlpReader } from '../rlp/RlpReader.ts'
import { StoreCorruptError } from '../store/errors.ts'
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
    const account = await this.#account(this.#verifier.keccak256(address))
    if (account === undefined) return undefined
    const { balance, nonce, storageRoot, codeHash } = account
    const code = await this.#code(account)
    return {
      balance,
      nonce,
      storageRoot: toHex(storageRoot),
      codeHash: toHex(codeHash),
      codeSize: code.length,
    }
  }

  /**
   * @param address 20 bytes
   * @param slot 32 bytes
   * @returns 32 bytes, zero if the slot is not set
   */
  async storage(address: Uint8Array, slot: Uint8Array): Promise<Hex> {
    const accountHash = this.#verifier.keccak256(address)
    const value = await this.#view.getSlot(accountHash, this.#verifier.keccak256(slot))
    if (value === undefined) await this.#expectStorage(accountHash)
    const bytes = value && decoded(() => new RlpReader(value).string('slot value'))
    return `0x${bytesToHex(bytes ?? new Uint8Array()).padStart(64, '0')}`
  }

  /** @param address 20 bytes */
  async code(address: Uint8Array): Promise<Hex> {
    const account = await this.#account(this.#verifier.keccak256(address))
    return toHex(account ? await this.#code(account) : new Uint8Array())
  }

  async #account(accountHash: Uint8Array): Promise<Account | undefined> {
    const slim = await this.#view.getAccount(accountHash)
    return slim && decoded(() => decodeSlimAccount(slim))
  }

  /** @throws {StoreCorruptError} when the account has code, and it is not stored */
  async #code({ codeHash }: Account): Promise<Uint8Array> {
    if (compareBytes(codeHash, emptyCodeHash()) === 0) return new Uint8Array()
    const code = await this.#view.getCode(codeHash)
    if (code === undefined) throw new StoreCorruptError(`code ${toHex(codeHash)} is not stored`)
    return code
  }

  /**
   * A slot that is not stored is zero only if other slots of its account are, or the account has
   * none.
   * @throws {StoreCorruptError} when the account has storage, and nothing of it is stored
   */
  async #expectStorage(accountHash: Uint8Array): Promise<void> {
    const account = await this.#account(accountHash)
    if (account === undefined || compareBytes(account.storageRoot, emptyRoot()) === 0) return
    for await (const leaves of this.#view.slots(concatBytes(accountHash, FIRST_HASH))) {
      if (compareBytes(leafKey(leaves, 0).subarray(0, 32), accountHash) === 0) return
      break
    }
    throw new StoreCorruptError(`no slot of account ${toHex(accountHash)} is stored`)
  }
}

/** @throws {StoreCorruptError} when what is stored is not what was proven and written */
function decoded<Value>(decode: () => Value): Value {
  try {
    return decode()
  } catch (cause) {
    if (!(cause instanceof CambiumError)) throw cause
    throw new StoreCorruptError(cause.message, { cause })
  }
}

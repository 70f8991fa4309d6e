import { toHex } from '../base/bytes/hex.ts'
import type { Leaves } from '../leaves/Leaves.ts'
import { leafKey } from '../leaves/Leaves.ts'
import { RlpError } from '../rlp/errors.ts'
import { RlpReader } from '../rlp/RlpReader.ts'
import { emptyCodeHash, emptyRoot } from './emptyHashes.ts'
import { AccountEncodingError } from './errors.ts'

const NONCE_LIMIT = 8
const BALANCE_LIMIT = 32

/**
 * Steps over packed slim accounts and says where their fields lie, without an object per account.
 * Strict: accepts exactly what `encodeSlimAccount` makes.
 */
export class SlimAccountScanner {
  readonly emptyRoot = emptyRoot()
  readonly emptyCodeHash = emptyCodeHash()
  /** Where nonce and balance begin, headers included; they end at `rootStart`. */
  numbersStart = 0
  /** Where the storage root begins, header included; it ends at `codeStart`. */
  rootStart = 0
  /** Where the code hash begins, header included; it ends with the account. */
  codeStart = 0
  readonly #leaves: Leaves
  readonly #cursor: RlpReader

  constructor(leaves: Leaves) {
    this.#leaves = leaves
    this.#cursor = new RlpReader(leaves.values)
  }

  /** Whether the account has storage. */
  get hasStorage(): boolean {
    return this.codeStart - this.rootStart > 1
  }

  /** Whether the account has code. */
  get hasCode(): boolean {
    return this.#cursor.position - this.codeStart > 1
  }

  /**
   * Reads account `index`.
   * @throws {AccountEncodingError} that names the account's key
   */
  read(index: number): void {
    const cursor = this.#cursor
    const end = this.#leaves.offsets[index + 1]!
    try {
      cursor.position = this.#leaves.offsets[index]!
      if (!cursor.next()) throw new RlpError('an account is a list, got a string')
      if (cursor.position !== end) throw new RlpError('the list does not end with the account')
      cursor.position = cursor.payload
      this.numbersStart = cursor.position
      this.#number('nonce', NONCE_LIMIT)
      this.#number('balance', BALANCE_LIMIT)
      this.rootStart = cursor.position
      this.#hash('storage root', this.emptyRoot)
      this.codeStart = cursor.position
      this.#hash('code hash', this.emptyCodeHash)
      if (cursor.position !== end) throw new RlpError('an account has four fields')
    } catch (error) {
      if (!(error instanceof RlpError)) throw error
      const key = toHex(leafKey(this.#leaves, index))
      throw new AccountEncodingError(`bad slim account ${key}: ${error.message}`, { cause: error })
    }
  }

  #number(what: string, limit: number): void {
    const cursor = this.#cursor
    if (cursor.next()) throw new RlpError(`${what} is a string, got a list`)
    const size = cursor.position - cursor.payload
    if (size > limit) throw new RlpError(`${what} has at most ${limit} bytes, got ${size}`)
    if (size > 0 && cursor.bytes[cursor.payload] === 0) {
      throw new RlpError(`${what} must not begin with a zero byte`)
    }
  }

  #hash(what: string, empty: Uint8Array): void {
    const cursor = this.#cursor
    if (cursor.next()) throw new RlpError(`${what} is a string, got a list`)
    const size = cursor.position - cursor.payload
    if (size === 0) return
    if (size !== 32) throw new RlpError(`${what} has 0 or 32 bytes, got ${size}`)
    for (let at = 0; at < 32; at++) {
      if (cursor.bytes[cursor.payload + at] !== empty[at]) return
    }
    throw new RlpError(`${what} of nothing is left out`)
  }
}

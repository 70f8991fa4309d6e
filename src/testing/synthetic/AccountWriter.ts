import { emptyCodeHash, emptyRoot } from '../../account/emptyHashes.ts'
import type { AccountDraws } from './AccountDraws.ts'

/**
 * Header, a nonce of two bytes and a balance of eleven with their headers, two hashes with theirs.
 */
const MOST = 2 + 3 + 12 + 2 * 33

/** Digits of a power of ten, with one zero before and two behind. */
const DIGITS = 7

/**
 * Powers of ten in four digits to the base 2^16, the lowest first: with bigints, a balance took
 * half of the time of an account.
 */
const POWERS = /* @__PURE__ */ Uint16Array.from({ length: 18 * DIGITS }, (_, index) => {
  const digit = (index % DIGITS) - 1
  const power = 10n ** BigInt(Math.floor(index / DIGITS))
  return digit < 0 ? 0 : Number((power >> BigInt(16 * digit)) & 0xffffn)
})

/** Encodes drawn accounts as the trie holds them, each over the one before. */
export class AccountWriter {
  readonly bytes = new Uint8Array(MOST)
  /** Where the account ends. */
  end = 0
  readonly #noStorage = emptyRoot()
  readonly #noCode = emptyCodeHash()
  /** A balance, big-endian, with zeros before it. */
  readonly #balance = new Uint8Array(12)

  /** The hashes of an account without storage or code are left out. */
  write(draws: AccountDraws, storageRoot = this.#noStorage, codeHash = this.#noCode): void {
    const bytes = this.bytes
    let at = this.#writeNonce(draws.nonce, 2)
    at = this.#writeBalance(draws.mantissa, DIGITS * draws.exponent + 1, at)
    bytes[at++] = 0xa0
    bytes.set(storageRoot, at)
    bytes[at + 32] = 0xa0
    bytes.set(codeHash, at + 33)
    this.end = at + 65
    bytes[0] = 0xf8
    bytes[1] = this.end - 2
  }

  #writeNonce(nonce: number, position: number): number {
    const bytes = this.bytes
    let at = position
    if (nonce > 0 && nonce < 0x80) bytes[at++] = nonce
    else {
      bytes[at++] = 0x80 + (nonce === 0 ? 0 : nonce < 0x100 ? 1 : 2)
      if (nonce > 0xff) bytes[at++] = nonce >> 8
      if (nonce > 0) bytes[at++] = nonce & 0xff
    }
    return at
  }

  /** `power`: where the digits of the power of ten begin. */
  #writeBalance(mantissa: number, power: number, position: number): number {
    const balance = this.#balance
    const low = mantissa & 0xffff
    const high = mantissa >>> 16
    let carry = 0
    for (let digit = 0; digit < 6; digit++) {
      carry += low * POWERS[power + digit]! + high * POWERS[power + digit - 1]!
      balance[11 - 2 * digit] = carry & 0xff
      balance[10 - 2 * digit] = (carry >>> 8) & 0xff
      carry = Math.floor(carry / 0x10000)
    }
    let first = 0
    while (first < 12 && balance[first] === 0) first++
    let at = position
    if (first !== 11 || balance[11]! >= 0x80) this.bytes[at++] = 0x80 + 12 - first
    while (first < 12) this.bytes[at++] = balance[first++]!
    return at
  }
}

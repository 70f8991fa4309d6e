import type { BitPrefix } from '../../base/bytes/BitPrefix.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { sharedBits } from '../../base/bytes/sharedBits.ts'
import { StoreCorruptError } from '../errors.ts'

/** The leading bits that all keys of one page have in common, and no key outside of it has. */
export class KeyPrefix implements BitPrefix {
  readonly bytes: Uint8Array
  readonly bits: number

  /** The first `bits` bits of a key. */
  constructor(key: Uint8Array, bits: number) {
    this.bytes = key.slice(0, (bits + 7) >> 3)
    if (bits % 8 !== 0) this.bytes[bits >> 3]! &= 0xff << (8 - (bits % 8))
    this.bits = bits
  }

  /**
   * Reads what `id()` wrote.
   * @throws {StoreCorruptError} when it cannot have written it for keys of `keySize` bytes
   */
  static fromId(id: Uint8Array, keySize: number): KeyPrefix {
    const bits = id.length < 2 ? -1 : id.at(-2)! * 256 + id.at(-1)!
    const bytes = id.subarray(0, -2)
    const prefix = new KeyPrefix(bytes, Math.max(bits, 0))
    const sound = bits >= 0 && bits <= keySize * 8 && bytes.length === (bits + 7) >> 3
    if (!sound || compareBytes(prefix.bytes, bytes) !== 0) {
      throw new StoreCorruptError(`a page has the malformed id [${id}]`)
    }
    return prefix
  }

  /**
   * The database key of the page: the bytes, then the number of bits in two bytes. Two disjoint
   * prefixes differ within the bytes of both, so that ids sort as the keys under them do.
   */
  id(): Uint8Array {
    const id = new Uint8Array(this.bytes.length + 2)
    id.set(this.bytes)
    id.set([this.bits >> 8, this.bits & 0xff], this.bytes.length)
    return id
  }

  contains(key: Uint8Array): boolean {
    return sharedBits(this.bytes, key) >= this.bits
  }

  /**
   * The first key after all that have this prefix, or `undefined` where it has the last key of all.
   */
  end(keySize: number): Uint8Array | undefined {
    const end = new Uint8Array(keySize)
    end.set(this.bytes)
    // Adds one at the prefix's last bit, and carries.
    let carry = this.bits === 0 ? 0 : 1 << ((8 - (this.bits % 8)) % 8)
    for (let index = this.bytes.length - 1; index >= 0 && carry > 0; index--) {
      const sum = end[index]! + carry
      end[index] = sum
      carry = sum > 0xff ? 1 : 0
      if (carry === 0) return end
    }
    return undefined
  }
}

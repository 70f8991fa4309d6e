import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { firstIndex } from '../../base/firstIndex.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { keysAscend } from '../../leaves/Leaves.ts'
import { StoreCorruptError } from '../errors.ts'
import { PAGE_FORMAT, pageChecksum, UNCHECKED } from './pageFormat.ts'

/** A page as it was read from the database. Nothing outside its bytes is ever read. */
export class Page {
  readonly count: number
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #keySize: number
  readonly #shared: number
  /** Where the shared bytes begin. */
  readonly #keysAt: number
  readonly #endSize: number
  readonly #endsAt: number
  readonly #values: Uint8Array

  /**
   * @param key of its record
   * @throws {StoreCorruptError} when its checksum differs, or the sizes that it names do not add up
   *   to its own
   */
  constructor(bytes: Uint8Array, keySize: number, key: Uint8Array = new Uint8Array()) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const version = bytes[0]
    const { headerSize } = version === UNCHECKED.version ? UNCHECKED : PAGE_FORMAT
    if (bytes.length < headerSize) throw corrupt(`has only ${bytes.length} bytes`)
    const storedKeySize = bytes[1]!
    const shared = bytes[2]!
    const endSize = bytes[3]!
    if (version === PAGE_FORMAT.version) {
      const stored = bytes.subarray(8, PAGE_FORMAT.headerSize)
      if (compareBytes(pageChecksum(bytes, key), stored) !== 0) {
        throw corrupt('has another checksum than its bytes')
      }
    } else if (version !== UNCHECKED.version) throw corrupt(`has format version ${version}`)
    if (storedKeySize !== keySize) throw corrupt(`has keys of ${storedKeySize} bytes`)
    if (shared > keySize) throw corrupt(`shares ${shared} bytes of ${keySize}`)
    if (endSize !== 2 && endSize !== 4) throw corrupt(`has value ends of ${endSize} bytes`)
    this.count = this.#view.getUint32(4, true)
    if (this.count === 0) throw corrupt('has no leaves')
    this.#keySize = keySize
    this.#shared = shared
    this.#endSize = endSize
    this.#keysAt = headerSize
    this.#endsAt = headerSize + shared + this.count * (keySize - shared)
    const valuesAt = this.#endsAt + this.count * endSize
    if (valuesAt > bytes.length) {
      throw corrupt(`has ${bytes.length} bytes, ${this.count} leaves need ${valuesAt}`)
    }
    this.#values = bytes.subarray(valuesAt)
    const end = this.#end(this.count)
    if (end !== this.#values.length) {
      throw corrupt(`has ${this.#values.length} bytes of values, its last one ends at ${end}`)
    }
  }

  /**
   * The value of a key, or `undefined`: a view, found by binary search.
   * @throws {StoreCorruptError}
   */
  get(key: Uint8Array): Uint8Array | undefined {
    if (compareBytes(this.#sharedKey(), key.subarray(0, this.#shared)) !== 0) return undefined
    const rest = key.subarray(this.#shared)
    const at = firstIndex(this.count, (index) => compareBytes(this.#restOfKey(index), rest) >= 0)
    const isHere = at < this.count && compareBytes(this.#restOfKey(at), rest) === 0
    return isHere ? this.#value(at) : undefined
  }

  /**
   * All leaves; the values are a view.
   * @throws {StoreCorruptError} when keys do not ascend or a value ends before it begins
   */
  leaves(): Leaves {
    const { count } = this
    const keySize = this.#keySize
    const keys = this.#keys()
    const offsets = new Uint32Array(count + 1)
    for (let index = 0; index < count; index++) {
      offsets[index + 1] = this.#end(index + 1)
      if (offsets[index + 1]! < offsets[index]!) {
        throw corrupt(`has a value that ends before it begins, at ${index}`)
      }
    }
    const leaves = { count, keySize, keys, values: this.#values, offsets }
    if (!keysAscend(leaves)) throw corrupt('has keys out of order')
    return leaves
  }

  /**
   * The keys as a whole: of each as many bytes as end where its rest does, and then what all share
   * over the first of them. In words, as `encodePage` writes them; a view per key would be an
   * object per leaf.
   */
  #keys(): Uint8Array {
    const keySize = this.#keySize
    const keys = new Uint8Array(this.count * keySize)
    const words = new DataView(keys.buffer)
    const sharedKey = this.#sharedKey()
    for (let index = 0; index < this.count; index++) {
      const source = this.#keysAt + index * (keySize - this.#shared)
      const target = index * keySize
      for (let byte = 0; byte < keySize; byte += 4) {
        words.setUint32(target + byte, this.#view.getUint32(source + byte))
      }
      for (let byte = 0; byte < sharedKey.length; byte++) keys[target + byte] = sharedKey[byte]!
    }
    return keys
  }

  #sharedKey(): Uint8Array {
    return this.#bytes.subarray(this.#keysAt, this.#keysAt + this.#shared)
  }

  #restOfKey(index: number): Uint8Array {
    const size = this.#keySize - this.#shared
    const at = this.#keysAt + this.#shared + index * size
    return this.#bytes.subarray(at, at + size)
  }

  #value(index: number): Uint8Array {
    const start = this.#end(index)
    const end = this.#end(index + 1)
    if (start > end || end > this.#values.length) {
      throw corrupt(`has a value from ${start} to ${end} of ${this.#values.length}`)
    }
    return this.#values.subarray(start, end)
  }

  /** Where the first `count` values end. */
  #end(count: number): number {
    if (count === 0) return 0
    const at = this.#endsAt + (count - 1) * this.#endSize
    return this.#endSize === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true)
  }
}

function corrupt(what: string): StoreCorruptError {
  return new StoreCorruptError(`a page ${what}`)
}

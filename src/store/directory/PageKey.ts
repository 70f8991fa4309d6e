import { checksum } from '../../base/bytes/checksum.ts'
import { StoreCorruptError } from '../errors.ts'
import { KeyPrefix } from './KeyPrefix.ts'

/** Bytes after the prefix: generation and kind. */
const TAIL = 5

/**
 * Names a record of a leaf table: the page of a prefix, as it was written in a generation, or a
 * *tombstone*, which says that the page of this prefix that an older generation wrote is gone.
 */
export class PageKey {
  readonly prefix: KeyPrefix
  readonly generation: number
  readonly tombstone: boolean
  #hash: number | undefined

  constructor(prefix: KeyPrefix, generation: number, tombstone = false) {
    this.prefix = prefix
    this.generation = generation
    this.tombstone = tombstone
  }

  /**
   * Reads what `bytes()` wrote.
   * @throws {StoreCorruptError} when it cannot have written it for leaves with keys of `keySize`
   *   bytes
   */
  static fromBytes(bytes: Uint8Array, keySize: number): PageKey {
    const kind = bytes.at(-1)
    if (bytes.length < TAIL || (kind !== 0 && kind !== 1)) {
      throw new StoreCorruptError(`a page has the malformed key [${bytes}]`)
    }
    const prefix = KeyPrefix.fromId(bytes.subarray(0, -TAIL), keySize)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    return new PageKey(prefix, view.getUint32(bytes.length - TAIL), kind === 1)
  }

  /**
   * The database key: the prefix, the generation in four bytes (big-endian), and 0 of a page or 1
   * of a tombstone.
   */
  bytes(): Uint8Array {
    const id = this.prefix.id()
    const bytes = new Uint8Array(id.length + TAIL)
    bytes.set(id)
    new DataView(bytes.buffer).setUint32(id.length, this.generation)
    bytes[id.length + 4] = this.tombstone ? 1 : 0
    return bytes
  }

  /** 32 bits of its bytes, for `PageDirectory.sum`. */
  get hash(): number {
    this.#hash ??= new DataView(checksum(this.bytes()).buffer).getUint32(0)
    return this.#hash
  }

  toString(): string {
    return `${this.tombstone ? 'tombstone' : 'page'} [${this.prefix.id()}] of generation ${this.generation}`
  }
}

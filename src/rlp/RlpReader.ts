import { RlpError } from './errors.ts'

/**
 * Walks over RLP without building anything: a position that steps from item to item of one list,
 * and views of the bytes for those who want them. Strict: every header must be the shortest one for
 * its item and lie within its list.
 *
 * ```ts
 * const list = new RlpReader(bytes).list('node')
 * while (!list.done) list.string('child')
 * ```
 *
 * @see Ethereum yellow paper, appendix B
 */
export class RlpReader {
  readonly bytes: Uint8Array
  /** Where the next item begins, and the one before it ended. */
  position: number
  /** Where the last item must end. */
  readonly end: number
  /** Where the payload of the item that was read last begins; it ends at `position`. */
  payload: number

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.bytes = bytes
    this.position = start
    this.payload = start
    this.end = end
  }

  get done(): boolean {
    return this.position >= this.end
  }

  /**
   * Steps over the next item of either kind.
   * @returns whether it is a list
   * @throws {RlpError} when there is none, or its header is cut off, too long or reaches beyond
   *   `end`
   */
  next(): boolean {
    const { bytes, position: start, end } = this
    if (start >= end) throw new RlpError(`an item is missing at byte ${start}`)
    const head = bytes[start]!
    if (head < 0x80) {
      this.payload = start
      this.position = start + 1
      return false
    }
    const isList = head >= 0xc0
    let size = head - (isList ? 0xc0 : 0x80)
    let payload = start + 1
    if (size > 55) {
      const sizeEnd = payload + size - 55
      if (sizeEnd > end) throw new RlpError(`the header at byte ${start} is cut off`)
      const leading = bytes[payload]
      // Up to eight bytes of size: inexact beyond 2^53 as a number, but then far beyond `end` as
      // well.
      for (size = 0; payload < sizeEnd; payload++) size = size * 256 + bytes[payload]!
      if (size < 56 || leading === 0) {
        throw new RlpError(`the header at byte ${start} is not the shortest for ${size} bytes`)
      }
    }
    if (payload + size > end) {
      throw new RlpError(`${size} bytes announced at byte ${start}, ${end - payload} left`)
    }
    if (!isList && size === 1 && bytes[payload]! < 0x80) {
      throw new RlpError(`the byte at ${payload} must stand without a header`)
    }
    this.payload = payload
    this.position = payload + size
    return isList
  }

  /**
   * Reads a list.
   * @param what names the item in the error
   * @throws {RlpError} as `next`, and when the item is a string
   */
  list(what: string): RlpReader {
    const start = this.position
    if (!this.next()) throw new RlpError(`${what} at byte ${start} must be a list, got a string`)
    return new RlpReader(this.bytes, this.payload, this.position)
  }

  /**
   * Reads a string: a view, not a copy.
   * @param what names the item in the error
   * @param size bytes that it must have; any number where it is left out
   * @throws {RlpError} as `next`, and when the item is a list or of another size
   */
  string(what: string, size?: number): Uint8Array {
    const start = this.position
    if (this.next()) throw new RlpError(`${what} at byte ${start} must be a string, got a list`)
    const length = this.position - this.payload
    if (size !== undefined && length !== size) {
      throw new RlpError(`${what} at byte ${start} must have ${size} bytes, got ${length}`)
    }
    return this.bytes.subarray(this.payload, this.position)
  }

  /**
   * Reads an unsigned integer of at most 64 bits.
   * @throws {RlpError} as `string`, and when it is longer or begins with a zero byte
   */
  uint64(what: string): bigint {
    const bytes = this.string(what)
    if (bytes.length > 8) {
      throw new RlpError(`${what} must have at most 64 bits, got ${bytes.length} bytes`)
    }
    if (bytes[0] === 0) throw new RlpError(`${what} must not begin with a zero byte`)
    let value = 0n
    for (const byte of bytes) value = (value << 8n) | BigInt(byte)
    return value
  }

  /**
   * Counts the items from here to the end, without moving.
   * @param most stops the counting: the result is never more than `most + 1`
   * @throws {RlpError} as `next`
   */
  count(most = Number.POSITIVE_INFINITY): number {
    const ahead = new RlpReader(this.bytes, this.position, this.end)
    let items = 0
    for (; !ahead.done && items <= most; items++) ahead.next()
    return items
  }

  /** @throws {RlpError} when there are items left */
  finish(what: string): void {
    if (!this.done) {
      throw new RlpError(`${what} has ${this.end - this.position} bytes after its last item`)
    }
  }
}

/**
 * Strict reader of RLP items, one after the other, without an object per item: after each `next` the fields
 * describe the item that was read. Exactly the encodings that an encoder produces are accepted, so equal contents
 * mean equal bytes.
 *
 * @see https://ethereum.org/developers/docs/data-structures-and-encoding/rlp
 */
export class RlpReader {
  /** What is being read. */
  bytes: Uint8Array = new Uint8Array()
  /** Where the next item begins. */
  position = 0
  /** Where reading ends: the end of the innermost list that was entered. */
  limit = 0
  /** The last item: is it a list, where does it begin, where its payload; it ends at `position`. */
  isList = false
  start = 0
  payload = 0

  /** Begins to read `bytes` from `start` to `end`. */
  reset(bytes: Uint8Array, start = 0, end = bytes.length): this {
    this.bytes = bytes
    this.position = start
    this.limit = end
    return this
  }

  /** Whether everything up to the limit has been read. */
  get done(): boolean {
    return this.position === this.limit
  }

  /** Reads the next item. `false`: there is none, or it is no canonical RLP; the position is then undefined. */
  next(): boolean {
    const prefix = this.position < this.limit ? this.bytes[this.position]! : -1
    if (prefix < 0) return false
    this.start = this.position
    this.isList = prefix >= 0xc0
    if (prefix < 0x80) {
      this.payload = this.start
      this.position = this.start + 1
      return true
    }
    const short = prefix - (this.isList ? 0xc0 : 0x80)
    const sizeBytes = short > 55 ? short - 55 : 0
    this.payload = this.start + 1 + sizeBytes
    const size = sizeBytes === 0 ? short : this.#longSize(sizeBytes)
    if (size < 0 || size > this.limit - this.payload) return false
    this.position = this.payload + size
    // One byte below 0x80 stands for itself.
    return this.isList || size !== 1 || this.bytes[this.payload]! >= 0x80
  }

  /** Goes into the list that was just read; its items follow. The rest of the outer list is given up. */
  enter(): void {
    this.limit = this.position
    this.position = this.payload
  }

  /** The payload of the last item: a view. */
  content(): Uint8Array {
    return this.bytes.subarray(this.payload, this.position)
  }

  /** The last item with its header: a view. */
  item(): Uint8Array {
    return this.bytes.subarray(this.start, this.position)
  }

  /** A size that has bytes of its own: at least 56, without leading zero; -1 where that does not hold. */
  #longSize(sizeBytes: number): number {
    // Four bytes are 4 GiB: no input is longer, and the arithmetic stays exact.
    if (sizeBytes > 4 || this.payload > this.limit || this.bytes[this.start + 1] === 0) return -1
    let size = 0
    for (let at = this.start + 1; at < this.payload; at++) size = size * 256 + this.bytes[at]!
    return size > 55 ? size : -1
  }
}

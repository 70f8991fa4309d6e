import type { Leaves } from '../../leaves/Leaves.ts'
import { headerSize, writeHeader } from '../../rlp/rlpHeader.ts'
import type { Hasher } from '../Hasher.ts'
import { nibbleAt } from './nibbleAt.ts'
import { putHash, type ReferenceTable, referenceSize, SLOT_SIZE } from './ReferenceTable.ts'

/** Flags of a compact path. */
const ODD = 0x10
const LEAF = 0x20

/**
 * Nodes that are hashed in one call: as many as keep within the caches, half a MB of full branches.
 */
const MOST = 1024

/**
 * Encodes nodes one after the other into one buffer, and hashes them together. Makes no objects but
 * the views to hash. Empty between calls of those who use it, so that any number of tries may share
 * one.
 */
export class NodeBatch {
  readonly #hasher: Hasher
  #bytes = new Uint8Array(1024)
  /** Where each node ends, after a zero. */
  readonly #ends = [0]
  /** Where the reference of each shall go. */
  readonly #slots: number[] = []

  constructor(hasher: Hasher) {
    this.#hasher = hasher
  }

  /** Hashes one input at once. */
  keccak256(input: Uint8Array): Uint8Array {
    return this.#hasher.keccak256(input)
  }

  /** Adds a leaf that hangs at `depth`. */
  leaf({ keys, keySize, values, offsets }: Leaves, index: number, depth: number, slot = 0): void {
    const key = index * keySize
    const value = offsets[index]!
    const valueSize = offsets[index + 1]! - value
    const pathSize = keySize - (depth >> 1) + (depth & 1 ? 0 : 1)
    const alone = valueSize === 1 && values[value]! < 0x80
    const payload = stringSize(pathSize) + valueSize + (alone ? 0 : headerSize(valueSize))
    let at = this.#begin(payload)
    const out = this.#bytes
    if (pathSize > 1) at = writeHeader(0x80, pathSize, out, at)
    let from = key + (depth >> 1)
    out[at++] = depth & 1 ? LEAF | ODD | (keys[from++]! & 15) : LEAF
    for (const end = key + keySize; from < end; ) out[at++] = keys[from++]!
    if (!alone) at = writeHeader(0x80, valueSize, out, at)
    for (let byte = value, end = value + valueSize; byte < end; ) out[at++] = values[byte++]!
    this.#end(at, slot)
  }

  /**
   * Adds an extension, from one depth to another on the way to a leaf.
   * @param child the slot of the branch to which it leads
   */
  extension(
    { keys, keySize }: Leaves,
    index: number,
    [from, to]: readonly [from: number, to: number],
    table: ReferenceTable,
    child: number,
    slot = 0,
  ): void {
    const key = index * keySize
    const isOdd = (to - from) & 1
    const pathSize = ((to - from) >> 1) + 1
    const size = referenceSize(table, child)
    let at = this.#begin(stringSize(pathSize) + size)
    const out = this.#bytes
    if (pathSize > 1) at = writeHeader(0x80, pathSize, out, at)
    out[at++] = isOdd ? ODD | nibbleAt(keys, key, from) : 0
    for (let depth = from + isOdd; depth < to; depth += 2) {
      out[at++] = (nibbleAt(keys, key, depth) << 4) | nibbleAt(keys, key, depth + 1)
    }
    this.#end(copy(table, child, size, out, at), slot)
  }

  /** Adds a branch. `children`: for each nibble a slot of the table, or -1. */
  branch(table: ReferenceTable, children: readonly number[], slot = 0): void {
    let payload = 1
    for (const child of children) payload += child < 0 ? 1 : referenceSize(table, child)
    let at = this.#begin(payload)
    const out = this.#bytes
    for (const child of children) {
      if (child < 0) out[at++] = 0x80
      else at = copy(table, child, referenceSize(table, child), out, at)
    }
    out[at++] = 0x80
    this.#end(at, slot)
  }

  /** The one node that was added; it is not hashed. */
  take(): Uint8Array {
    const encoded = this.#bytes.slice(0, this.#ends[1])
    this.#clear()
    return encoded
  }

  /** Writes the reference of each node that was added into its slot of a table. */
  flush(table: ReferenceTable): void {
    const count = this.#slots.length
    try {
      for (let first = 0; first < count; first += MOST) {
        this.#hash(table, first, Math.min(count, first + MOST))
      }
    } finally {
      // All tries of a server share it: a hasher that ran out of memory once must not make it send
      // false proofs from then on.
      this.#clear()
    }
  }

  #hash(table: ReferenceTable, first: number, end: number): void {
    const inputs: Uint8Array[] = []
    const slots: number[] = []
    for (let index = first; index < end; index++) {
      const node = this.#bytes.subarray(this.#ends[index], this.#ends[index + 1])
      const slot = this.#slots[index]!
      if (node.length < 32) table.set(node, slot * SLOT_SIZE)
      else {
        inputs.push(node)
        slots.push(slot)
      }
    }
    if (inputs.length === 0) return
    const hashes = this.#hasher.keccak256Batch(inputs)
    for (let index = 0; index < slots.length; index++) {
      putHash(table, slots[index]!, hashes, 32 * index)
    }
  }

  /** Makes room for a list and writes its header; returns where that ends. */
  #begin(payload: number): number {
    const start = this.#ends[this.#ends.length - 1]!
    const needed = start + headerSize(payload) + payload
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length))
      larger.set(this.#bytes.subarray(0, start))
      this.#bytes = larger
    }
    return writeHeader(0xc0, payload, this.#bytes, start)
  }

  #end(at: number, slot: number): void {
    this.#ends.push(at)
    this.#slots.push(slot)
  }

  #clear(): void {
    this.#ends.length = 1
    this.#slots.length = 0
  }
}

/** Bytes of a compact path with its header: one byte of it stands alone, as it is below 0x80. */
function stringSize(pathSize: number): number {
  return pathSize === 1 ? 1 : headerSize(pathSize) + pathSize
}

function copy(
  table: ReferenceTable,
  slot: number,
  size: number,
  out: Uint8Array,
  position: number,
): number {
  const start = slot * SLOT_SIZE
  for (let index = 0; index < size; index++) out[position + index] = table[start + index]!
  return position + size
}

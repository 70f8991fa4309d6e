import { CambiumError } from '../base/CambiumError.ts'
import type { Leaves } from './Leaves.ts'

/** A key of another size than its neighbours, or another number of keys than of values. */
export class LeafShapeError extends CambiumError {
  constructor(message: string) {
    super('LEAF_SHAPE', message)
  }
}

/**
 * Packs single keys and values. Does not check their order.
 *
 * @param entries pairs of key and value, in the order in which they shall lie
 * @param keySize bytes of one key
 * @throws {LeafShapeError} when a key has another size
 */
export function packLeaves(
  entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[],
  keySize = 32,
): Leaves {
  const offsets = new Uint32Array(entries.length + 1)
  let size = 0
  entries.forEach(([key, value], index) => {
    if (key.length !== keySize) {
      throw new LeafShapeError(`key ${index} has ${key.length} bytes, expected ${keySize}`)
    }
    size += value.length
    offsets[index + 1] = size
  })
  const keys = new Uint8Array(entries.length * keySize)
  const values = new Uint8Array(size)
  entries.forEach(([key, value], index) => {
    keys.set(key, index * keySize)
    values.set(value, offsets[index])
  })
  return { count: entries.length, keySize, keys, values, offsets }
}

/**
 * What a collector begins with: a small contract's slots. It doubles, and pages that were never
 * written take no memory.
 */
const FIRST_LEAVES = 4
const FIRST_BYTES = 64

/** Packs leaves that come one by one, any number of them, into arrays that grow. */
export class LeavesBuilder {
  readonly #keySize: number
  #keys: Uint8Array
  #values: Uint8Array
  #offsets: Uint32Array
  #count = 0

  /** @param keySize bytes of each key */
  constructor(keySize = 32) {
    this.#keySize = keySize
    this.#keys = new Uint8Array(FIRST_LEAVES * keySize)
    this.#values = new Uint8Array(FIRST_BYTES)
    this.#offsets = new Uint32Array(FIRST_LEAVES + 1)
  }

  get count(): number {
    return this.#count
  }

  /** Adds a leaf behind the others: copies it. */
  add(key: Uint8Array, value: Uint8Array): void {
    this.addFrom(key, 0, value, 0, value.length)
  }

  /**
   * Adds a leaf whose key begins at a place among others, and whose value lies from `start` to
   * `end` among others.
   */
  addFrom(
    fromKeys: Uint8Array,
    keyStart: number,
    fromValues: Uint8Array,
    start: number,
    end: number,
  ): void {
    const keySize = this.#keySize
    const index = this.#count++
    const from = this.#offsets[index]!
    if (index + 2 > this.#offsets.length) this.#growCount()
    if (from + end - start > this.#values.length) this.#growValues(from + end - start)
    const keys = this.#keys
    const values = this.#values
    // Not by `set`: views would take longer than the copying.
    for (let at = index * keySize, byte = 0; byte < keySize; byte++) {
      keys[at + byte] = fromKeys[keyStart + byte]!
    }
    let to = from
    for (let byte = start; byte < end; ) values[to++] = fromValues[byte++]!
    this.#offsets[index + 1] = to
  }

  /** All leaves in the order in which they came: views, which nothing may be added after. */
  finish(): Leaves {
    const count = this.#count
    return {
      count,
      keySize: this.#keySize,
      keys: this.#keys.subarray(0, count * this.#keySize),
      values: this.#values.subarray(0, this.#offsets[count]),
      offsets: this.#offsets.subarray(0, count + 1),
    }
  }

  /** Drops all leaves and keeps the room; what `finish` gave is overwritten by what comes. */
  clear(): void {
    this.#count = 0
  }

  #growCount(): void {
    const offsets = new Uint32Array(2 * this.#offsets.length + 1)
    offsets.set(this.#offsets)
    this.#offsets = offsets
    const keys = new Uint8Array((offsets.length - 1) * this.#keySize)
    keys.set(this.#keys)
    this.#keys = keys
  }

  #growValues(needed: number): void {
    const values = new Uint8Array(Math.max(needed, 2 * this.#values.length))
    values.set(this.#values)
    this.#values = values
  }
}

import { slimSize, writeSlim } from '../../account/slimAccount.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey } from '../../leaves/Leaves.ts'
import { headerSize, writeHeader } from '../../rlp/rlpHeader.ts'

/**
 * How a leaf's value is written behind its hash: an account in its slim form, a slot's value as a
 * string.
 */
export type LeafForm = 'account' | 'slot'

const HASH_SIZE = 32

/** Bytes of the hash with its header. */
const HASH_ITEM = 33

export interface LeafLimits {
  /** Bytes of hashes and values that there are before. */
  size: number
  /** No leaf is taken when there are so many bytes. */
  most: number
  /** The leaf at or after this key is the last one; all may come where it is left out. */
  limit?: Uint8Array | undefined
}

/**
 * The leaves of one trie in an answer: chosen first, then written once, straight from where they
 * lie.
 */
export class LeafList {
  readonly #form: LeafForm
  readonly #runs: Leaves[] = []
  /** How many leaves of the last run. */
  #tail = 0
  #payload = 0
  /** Bytes of hashes and values, also of those before this list. */
  size: number
  /** Whether there were more leaves than could be taken. */
  cut = false

  /** Takes leaves from the first one on. */
  constructor(form: LeafForm, runs: Iterable<Leaves>, { size, most, limit }: LeafLimits) {
    this.#form = form
    this.size = size
    for (const run of runs) if (!this.#take(run, most, limit)) break
  }

  get isEmpty(): boolean {
    return this.#runs.length === 0
  }

  /** The key of the last leaf. */
  get last(): Uint8Array | undefined {
    const run = this.#runs.at(-1)
    return run && leafKey(run, this.#tail - 1)
  }

  /** Bytes of the list when it is written. */
  get encodedSize(): number {
    return headerSize(this.#payload) + this.#payload
  }

  /** Writes the list of pairs of hash and value; returns where it ends. */
  write(out: Uint8Array, position: number): number {
    let at = writeHeader(0xc0, this.#payload, out, position)
    const last = this.#runs.length - 1
    for (const [index, run] of this.#runs.entries()) {
      at = this.#writeRun(run, index === last ? this.#tail : run.count, out, at)
    }
    return at
  }

  /** Takes leaves of one run; returns whether there may be more. */
  #take(run: Leaves, most: number, limit: Uint8Array | undefined): boolean {
    const { count, keys, values, offsets } = run
    let index = 0
    let isLast = false
    while (index < count && !isLast) {
      if (this.size >= most) {
        this.cut = true
        break
      }
      const start = offsets[index]!
      const end = offsets[index + 1]!
      const body = this.#form === 'account' ? slimSize(values, start, end) : end - start
      const pair = HASH_ITEM + (this.#form === 'account' ? body : itemSize(values, start, end))
      this.size += HASH_SIZE + body
      this.#payload += headerSize(pair) + pair
      isLast = limit !== undefined && !isBelow(keys, index * HASH_SIZE, limit)
      index++
    }
    if (index > 0) {
      this.#runs.push(run)
      this.#tail = index
    }
    return !isLast && !this.cut
  }

  #writeRun({ keys, values, offsets }: Leaves, count: number, out: Uint8Array, position: number) {
    let at = position
    for (let index = 0; index < count; index++) {
      const start = offsets[index]!
      const end = offsets[index + 1]!
      const isAccount = this.#form === 'account'
      const body = isAccount ? slimSize(values, start, end) : itemSize(values, start, end)
      at = writeHeader(0xc0, HASH_ITEM + body, out, at)
      out[at++] = 0x80 + HASH_SIZE
      const key = index * HASH_SIZE
      for (let byte = key; byte < key + HASH_SIZE; ) out[at++] = keys[byte++]!
      if (isAccount) at = writeSlim(values, start, end, out, at)
      else at = writeItem(values, start, end, out, at)
    }
    return at
  }
}

/** Bytes of a string with its header. */
function itemSize(values: Uint8Array, start: number, end: number): number {
  const size = end - start
  return size === 1 && values[start]! < 0x80 ? 1 : headerSize(size) + size
}

function writeItem(
  values: Uint8Array,
  start: number,
  end: number,
  out: Uint8Array,
  position: number,
): number {
  const size = end - start
  let at = position
  if (size !== 1 || values[start]! >= 0x80) at = writeHeader(0x80, size, out, at)
  for (let byte = start; byte < end; ) out[at++] = values[byte++]!
  return at
}

/** Whether the key at `start` comes before another one. */
function isBelow(keys: Uint8Array, start: number, other: Uint8Array): boolean {
  for (let index = 0; index < HASH_SIZE; index++) {
    const difference = keys[start + index]! - other[index]!
    if (difference !== 0) return difference < 0
  }
  return false
}

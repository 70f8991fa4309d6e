import type { Leaves } from '../../leaves/Leaves.ts'
import type { AnswerBytes, VerifiedAccounts, VerifiedSlots } from '../Verifier.ts'
import {
  CONTRACT_SIZE,
  PADDING_OVERRUN,
  RATE,
  RESULT_CONTRACT_COUNT,
  RESULT_CONTRACTS,
  RESULT_COUNT,
  RESULT_KEYS,
  RESULT_LAST_COUNT,
  RESULT_LAST_KEY,
  RESULT_OFFSETS,
  RESULT_VALUES,
} from './generated/layout.ts'
import { readContracts } from './readContracts.ts'
import type { WasmExports } from './WasmExports.ts'

/** Of slots, the place of contracts says to how many the answer goes. */
const RESULT_LISTS = RESULT_CONTRACT_COUNT

/**
 * Leaves in wasm memory, as the arguments `keySize, count, keys, values, offsets` of the exports.
 */
export type PlacedLeaves = [
  keySize: number,
  count: number,
  keys: number,
  values: number,
  offsets: number,
]

/** One instance of the wasm module and its memory: the only code that touches `memory.buffer`. */
export class WasmMemory {
  readonly exports: WasmExports

  constructor(exports: WasmExports) {
    this.exports = exports
  }

  /** Bytes of the memory. */
  get size(): number {
    return this.exports.memory.buffer.byteLength
  }

  /** Drops what the last call left behind. */
  reset(): void {
    this.exports.reset()
  }

  /** Room for `size` bytes, not zeroed. */
  room(size: number): number {
    return this.exports.alloc(size)
  }

  /** Copies bytes in; returns where they lie. */
  put(bytes: Uint8Array): number {
    const at = this.room(bytes.length)
    this.#view().set(bytes, at)
    return at
  }

  /** Copies 32-bit words in; returns where they lie. */
  putWords(words: Uint32Array): number {
    return this.put(bytesOf(words))
  }

  /** Copies leaves in, with one leaf before them where it is given. */
  putLeaves(leaves: Leaves, before?: Leaves): PlacedLeaves {
    if (before === undefined) {
      const offsets = this.put(bytesOf(leaves.offsets))
      return [leaves.keySize, leaves.count, this.put(leaves.keys), this.put(leaves.values), offsets]
    }
    const keys = this.room(before.keys.length + leaves.keys.length)
    const values = this.room(before.values.length + leaves.values.length)
    const offsets = this.room(4 * (leaves.count + 2))
    const view = this.#view()
    view.set(before.keys, keys)
    view.set(leaves.keys, keys + before.keys.length)
    view.set(before.values, values)
    view.set(leaves.values, values + before.values.length)
    // Offsets count from where `leaves.values` start, modulo 2³², so that none of them has to be
    // rewritten.
    view.set(bytesOf(Uint32Array.of(-before.values.length)), offsets)
    view.set(bytesOf(leaves.offsets), offsets + 4)
    return [leaves.keySize, leaves.count + 1, keys, values + before.values.length, offsets]
  }

  /** Copies inputs of Keccak-256 in, each with room for its padding; returns their table. */
  putInputs(inputs: readonly Uint8Array[]): number {
    const count = inputs.length
    let size = 0
    for (let index = 0; index < count; index++) size += paddedSize(inputs[index]!)
    const table = this.room(8 * count)
    let at = this.room(size)
    const words = new Uint32Array(this.exports.memory.buffer, table, 2 * count)
    const view = this.#view()
    for (let index = 0; index < count; index++) {
      const input = inputs[index]!
      words[2 * index] = at
      words[2 * index + 1] = input.length
      view.set(input, at)
      at += paddedSize(input)
    }
    return table
  }

  /** Copies an answer in; returns where its fields lie, and where they end. */
  putAnswer({ frame, fieldsAt }: AnswerBytes): [fields: number, end: number] {
    const at = this.put(frame)
    return [at + fieldsAt, at + frame.length]
  }

  /**
   * What `readAccounts` found. Keys and values are written over the answer that they were read
   * from, as it has no other use. Fresh memory would cost twice as much as copying into used
   * memory.
   */
  accounts({ frame }: AnswerBytes): Omit<VerifiedAccounts, 'more'> {
    const result = this.#result()
    const accounts = this.#leaves(result, 32, frame)
    const at = result[RESULT_CONTRACTS / 4]!
    const records = this.#view().subarray(
      at,
      at + result[RESULT_CONTRACT_COUNT / 4]! * CONTRACT_SIZE,
    )
    const contracts = readContracts(records, accounts.keys)
    return { accounts, lastKey: this.read(result[RESULT_LAST_KEY / 4]!, 32), contracts }
  }

  /** What `readSlots` found, as copies. */
  slots(): Omit<VerifiedSlots, 'more'> {
    const result = this.#result()
    return {
      slots: this.#leaves(result, 64),
      contracts: result[RESULT_LISTS / 4]!,
      lastCount: result[RESULT_LAST_COUNT / 4]!,
      lastKey: this.read(result[RESULT_LAST_KEY / 4]!, 32),
    }
  }

  /** See asm/answer.ts. */
  #result(): Uint32Array {
    const { memory, result } = this.exports
    return new Uint32Array(memory.buffer, result(), 8)
  }

  /** @param room for keys and values; new memory where it is left out */
  #leaves(result: Uint32Array, keySize: number, room?: Uint8Array): Leaves {
    const count = result[RESULT_COUNT / 4]!
    const offsets = new Uint32Array(this.read(result[RESULT_OFFSETS / 4]!, 4 * (count + 1)).buffer)
    const [keysSize, valuesSize] = [count * keySize, offsets[count]!]
    const packed = room ?? new Uint8Array(keysSize + valuesSize)
    const keys = packed.subarray(0, keysSize)
    const values = packed.subarray(keysSize, keysSize + valuesSize)
    const view = this.#view()
    keys.set(view.subarray(result[RESULT_KEYS / 4]!, result[RESULT_KEYS / 4]! + keysSize))
    values.set(view.subarray(result[RESULT_VALUES / 4]!, result[RESULT_VALUES / 4]! + valuesSize))
    return { count, keySize, keys, values, offsets }
  }

  /** A copy of bytes in the memory. */
  read(at: number, size: number): Uint8Array {
    return this.#view().slice(at, at + size)
  }

  /** Made anew each time: a call that grows the memory detaches every older view. */
  #view(): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer)
  }
}

function paddedSize({ length }: Uint8Array): number {
  return (Math.floor(length / RATE) + 1) * RATE + PADDING_OVERRUN
}

/** The bytes under 32-bit words; wasm is little-endian, and so is every host that runs it. */
function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
}

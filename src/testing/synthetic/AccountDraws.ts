import { SeededRandom } from '../../served/changing/SeededRandom.ts'
import type { StateShape } from './StateShape.ts'

/** Storages that others may share. */
const MODELS = 256

const MILLION = 1_000_000

/**
 * The accounts of a synthetic state, drawn one after the other: `next`, and `nextSlot` for each of
 * its slots, overwrite what stands here. What a state is, is said here and nowhere else; others
 * make objects of it, or bytes.
 */
export class AccountDraws {
  readonly codes: readonly Uint8Array[]
  readonly address = new Uint8Array(20)
  nonce = 0
  /** In wei, `mantissa` × 10 ^ `exponent`: below 2^31 and below 18. */
  mantissa = 0
  exponent = 0
  /** Place in `codes`; -1: no contract. */
  code = -1
  /** Slots that are to be drawn. */
  slots = 0
  /** The storage that it shares, among those that were drawn first; -1: none. */
  model = -1
  /** The raw key of a slot, and its value: 1 to 2^31. */
  readonly slot = new Uint8Array(32)
  value = 0
  readonly #random: SeededRandom
  readonly #shape: Required<StateShape>
  /** How many storages may be shared. */
  #models = 0

  constructor(shape: StateShape) {
    this.#shape = { contracts: 0.1, maxSlots: 1000, shared: 0, codes: 16, maxCode: 2000, ...shape }
    this.#random = new SeededRandom(shape.seed)
    this.codes = Array.from({ length: this.#shape.codes }, () => {
      return this.#random.bytes(1 + this.#random.below(this.#shape.maxCode))
    })
  }

  /** Whether the storage that is drawn now may be shared by accounts to come. */
  get isModel(): boolean {
    return this.slots > 0 && this.#models <= MODELS
  }

  next(): void {
    const random = this.#random
    const { contracts, maxSlots, shared } = this.#shape
    random.fill(this.address)
    this.mantissa = random.below(2 ** 31)
    this.exponent = random.below(18)
    this.nonce = random.below(1000)
    this.code = -1
    this.slots = 0
    this.model = -1
    if (random.below(MILLION) >= contracts * MILLION) return
    this.code = random.below(this.codes.length)
    if (shared > 0 && random.below(MILLION) < shared * MILLION && this.#models > 0) {
      this.model = random.below(Math.min(this.#models, MODELS))
      return
    }
    // Pareto with exponent 1.
    this.slots = Math.min(maxSlots, Math.floor(1 / (random.below(MILLION) / MILLION + 1e-6)))
    if (this.slots > 0) this.#models++
  }

  nextSlot(): void {
    this.#random.fill(this.slot)
    this.value = 1 + this.#random.below(2 ** 31)
  }
}

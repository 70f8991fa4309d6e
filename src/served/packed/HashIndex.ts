const HASH_SIZE = 32

/**
 * Hashes, numbered as they come: 40 bytes or so for each, where a map of strings would take 150.
 */
export class HashIndex {
  #hashes = new Uint8Array(16 * HASH_SIZE)
  #count = 0
  /**
   * Numbers of hashes plus one, found by their first bytes; half of the places at least are free.
   */
  #places = new Uint32Array(32)

  get count(): number {
    return this.#count
  }

  /** The number of a hash; `undefined` where it never came. */
  get(hash: Uint8Array): number | undefined {
    const number = this.#places[this.#placeOf(hash)]!
    return number === 0 ? undefined : number - 1
  }

  /** The hash with a number: a view. */
  at(number: number): Uint8Array {
    return this.#hashes.subarray(number * HASH_SIZE, (number + 1) * HASH_SIZE)
  }

  /** Adds a hash that is not there; returns its number. */
  add(hash: Uint8Array): number {
    if (2 * (this.#count + 1) > this.#places.length) this.#grow()
    const number = this.#count++
    this.#hashes.set(hash, number * HASH_SIZE)
    this.#places[this.#placeOf(hash)] = number + 1
    return number
  }

  /** Where a hash stands, or would. */
  #placeOf(hash: Uint8Array): number {
    const mask = this.#places.length - 1
    const start = (hash[0]! << 24) | (hash[1]! << 16) | (hash[2]! << 8) | hash[3]!
    for (let place = start & mask; ; place = (place + 1) & mask) {
      const number = this.#places[place]!
      if (number === 0 || this.#isAt(hash, (number - 1) * HASH_SIZE)) return place
    }
  }

  #isAt(hash: Uint8Array, start: number): boolean {
    let index = 0
    while (index < HASH_SIZE && this.#hashes[start + index] === hash[index]) index++
    return index === HASH_SIZE
  }

  #grow(): void {
    const hashes = new Uint8Array(2 * this.#hashes.length)
    hashes.set(this.#hashes)
    this.#hashes = hashes
    this.#places = new Uint32Array(2 * this.#places.length)
    for (let number = 0; number < this.#count; number++) {
      const hash = hashes.subarray(number * HASH_SIZE, (number + 1) * HASH_SIZE)
      this.#places[this.#placeOf(hash)] = number + 1
    }
  }
}

/**
 * A map that forgets the least recently used entry when it grows past its limit.
 *
 * @example
 * const pages = new LruMap<string, Page>(64)
 * pages.set('a', page)
 * pages.get('a') // now the last that would be forgotten
 */
export class LruMap<Key, Value> {
  /** Least recently used first. */
  readonly #entries = new Map<Key, Value>()
  readonly #limit: number

  /** @param limit entries, at least 1 */
  constructor(limit: number) {
    this.#limit = limit
  }

  get size(): number {
    return this.#entries.size
  }

  /** Whether there is an entry; does not count as a use. */
  has(key: Key): boolean {
    return this.#entries.has(key)
  }

  get(key: Key): Value | undefined {
    const value = this.#entries.get(key)
    if (value === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, value)
    return value
  }

  set(key: Key, value: Value): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size > this.#limit) {
      this.#entries.delete(this.#entries.keys().next().value!)
    }
  }

  delete(key: Key): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }

  /** Least recently used first. */
  entries(): MapIterator<[Key, Value]> {
    return this.#entries.entries()
  }
}

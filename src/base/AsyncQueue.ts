/**
 * Items in the order in which they came, for one reader. The reader either iterates, or calls
 * `next` on a queue that never ends.
 */
export class AsyncQueue<Item extends object> implements AsyncIterable<Item> {
  #arrived: Item[] = []
  /**
   * The next item is the last: taking off the end is cheap, taking off the front of a long array is
   * not.
   */
  #readable: Item[] = []
  #ended = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  get ended(): boolean {
    return this.#ended
  }

  /** Adds an item. Does nothing after the end. */
  push(item: Item): void {
    if (this.#ended) return
    this.#arrived.push(item)
    this.#wake?.()
  }

  /**
   * Ends the queue: its reader gets what is queued, then `error` if there is one, then the end.
   * Idempotent.
   */
  end(error?: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    this.#wake?.()
  }

  /** Ends the queue at once and forgets what is queued, as its reader has lost interest. */
  abandon(): void {
    this.end()
    this.drain()
    this.#error = undefined
  }

  /** Takes all items that are queued. */
  drain(): Item[] {
    const items = [...this.#readable.reverse(), ...this.#arrived]
    this.#readable = []
    this.#arrived = []
    return items
  }

  /** Takes the next item, now or when it comes. */
  async next(): Promise<Item> {
    for (;;) {
      const item = this.#take()
      if (item !== undefined) return item
      await this.#more()
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Item> {
    for (;;) {
      const item = this.#take()
      if (item !== undefined) yield item
      else if (this.#error !== undefined) throw this.#error
      else if (this.#ended) return
      else await this.#more()
    }
  }

  #take(): Item | undefined {
    if (this.#readable.length === 0) {
      this.#readable = this.#arrived.reverse()
      this.#arrived = []
    }
    return this.#readable.pop()
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

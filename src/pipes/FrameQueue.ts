/** Frames that have arrived and wait to be read: the receiving half of a pipe. One reader, in order. */
export class FrameQueue implements AsyncIterable<Uint8Array> {
  #arrived: Uint8Array[] = []
  /** The next to read is the last: taking off the end is cheap, taking off the front of a long array is not. */
  #readable: Uint8Array[] = []
  #ended = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  get ended(): boolean {
    return this.#ended
  }

  /** Adds a frame; after the end it does nothing. */
  push(frame: Uint8Array): void {
    if (this.#ended) return
    this.#arrived.push(frame)
    this.#wake?.()
  }

  /** Nothing more arrives: the reader gets what is queued, then `error` if there is one, then the end. Idempotent. */
  end(error?: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#error = error
    this.#wake?.()
  }

  /** The reader has lost interest: ends at once, and what is queued is forgotten. */
  abandon(): void {
    this.end()
    this.#arrived = []
    this.#readable = []
    this.#error = undefined
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for (;;) {
      if (this.#readable.length === 0) {
        this.#readable = this.#arrived.reverse()
        this.#arrived = []
      }
      const frame = this.#readable.pop()
      if (frame !== undefined) {
        yield frame
        continue
      }
      if (this.#error !== undefined) throw this.#error
      if (this.#ended) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

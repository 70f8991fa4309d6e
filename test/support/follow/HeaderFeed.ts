import { AsyncQueue } from '../../../src/base/AsyncQueue.ts'
import type { Header } from '../../../src/chain/Header.ts'

/** A stream of headers that tells of each when the test does. */
export class HeaderFeed implements AsyncIterable<Header> {
  /** Whether its reader has left. */
  left = false
  /** How often it was asked for the next header. */
  asked = 0
  readonly #events = new AsyncQueue<{ header: Header } | { error: unknown } | { end: true }>()

  push(...headers: Header[]): void {
    for (const header of headers) this.#events.push({ header })
  }

  end(): void {
    this.#events.push({ end: true })
  }

  break(error: unknown): void {
    this.#events.push({ error })
  }

  [Symbol.asyncIterator](): AsyncIterator<Header> {
    return {
      next: async () => {
        this.asked++
        const event = await this.#events.next()
        if ('end' in event) return { done: true, value: undefined }
        if ('error' in event) throw event.error
        return { value: event.header }
      },
      return: async () => {
        this.left = true
        return { done: true, value: undefined }
      },
    }
  }
}

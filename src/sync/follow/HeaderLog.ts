import { AsyncQueue } from '../../base/AsyncQueue.ts'
import type { CambiumError } from '../../base/CambiumError.ts'
import type { Header } from '../../chain/Header.ts'
import { HeaderWindow } from './HeaderWindow.ts'

/**
 * What the page told of its stream of headers: the stream is read once, and each run that follows
 * it begins with what is known by then.
 */
export class HeaderLog implements AsyncIterable<Header> {
  readonly #window: HeaderWindow
  /** Each takes headers; an object without one is the end. */
  readonly #readers = new Set<AsyncQueue<{ header?: Header }>>()
  #ended = false
  #error: CambiumError | undefined

  /** @param depth see `HeaderWindow` */
  constructor(depth: number) {
    this.#window = new HeaderWindow(depth)
  }

  /** The headers that are still of interest, in ascending order. */
  get known(): readonly Header[] {
    return this.#window.headers
  }

  /** @returns whether the head is another one now */
  add(header: Header): boolean {
    const added = this.#window.add(header)
    if (added) for (const reader of this.#readers) reader.push({ header })
    return added
  }

  /** No more headers come; with an error, reading throws it, now and in every later run. */
  end(error?: CambiumError): void {
    this.#ended = true
    this.#error = error
    for (const reader of this.#readers) reader.push({})
  }

  /** The headers that come from now on. */
  [Symbol.asyncIterator](): AsyncIterator<Header> {
    const reader = new AsyncQueue<{ header?: Header }>()
    this.#readers.add(reader)
    if (this.#ended) reader.push({})
    return {
      next: async () => {
        const { header } = await reader.next()
        if (header !== undefined) return { value: header }
        if (this.#error !== undefined) throw this.#error
        return { done: true, value: undefined }
      },
      return: async () => {
        this.#readers.delete(reader)
        return { done: true, value: undefined }
      },
    }
  }
}

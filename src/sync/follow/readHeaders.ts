import { CambiumError } from '../../base/CambiumError.ts'
import type { Header } from '../../chain/Header.ts'
import { HeaderStreamError } from './errors.ts'

export interface HeaderReader {
  header(header: Header): void
  end(): void
  /**
   * The stream threw: an error of Cambium's as it is, another one as the cause of a
   * `HeaderStreamError`.
   */
  broken(error: CambiumError): void
}

/**
 * Reads a stream of headers to its end.
 * @returns leaves it before: the reader is told nothing more
 */
export function readHeaders(headers: AsyncIterable<Header>, reader: HeaderReader): () => void {
  let iterator: AsyncIterator<Header> | undefined
  let left = false
  const read = async () => {
    iterator = headers[Symbol.asyncIterator]()
    for (;;) {
      const next = await iterator.next()
      if (left) return
      if (next.done) return reader.end()
      reader.header(next.value)
    }
  }
  read().catch((error) => {
    if (!left) reader.broken(streamError(error))
  })
  return () => {
    left = true
    // Not awaited: a generator that waits for its next block returns only after it. Nor has it
    // anything left to break.
    ;(async () => iterator?.return?.())().catch(() => {})
  }
}

function streamError(error: unknown): CambiumError {
  if (error instanceof CambiumError) return error
  return new HeaderStreamError(`broke: ${error}`, { cause: error })
}

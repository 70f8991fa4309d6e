import { fromHex } from '../base/bytes/hex.ts'
import type { Header } from '../chain/Header.ts'
import type { TrustedHeader } from '../chain/TrustedHeader.ts'
import { TrustError } from './errors.ts'

/**
 * Checks a stream of headers as they come from the app; the first that is malformed ends it.
 *
 * @returns their numbers as numbers, hashes as bytes; reading it throws a `TrustError` that names
 *   the malformed value, or the error of the stream itself
 * @throws {TrustError} when `headers` is no stream
 */
export function trustedHeaders(headers: AsyncIterable<TrustedHeader>): AsyncIterable<Header> {
  if (typeof headers?.[Symbol.asyncIterator] !== 'function') {
    throw new TrustError(`trust must be a state root or a stream of headers, got ${shown(headers)}`)
  }
  return {
    // Not a generator: one that waits for its next block could be left only after that.
    [Symbol.asyncIterator]() {
      const iterator = headers[Symbol.asyncIterator]()
      return {
        async next() {
          const next = await iterator.next()
          if (next.done) return next
          try {
            return { value: trustedHeader(next.value) }
          } catch (error) {
            // Who reads it takes it for over, and does not leave it.
            ;(async () => iterator.return?.())().catch(() => {})
            throw error
          }
        },
        async return() {
          await iterator.return?.()
          return { done: true, value: undefined }
        },
      }
    },
  }
}

/** @throws {TrustError} */
function trustedHeader(header: TrustedHeader): Header {
  if (typeof header !== 'object' || header === null) {
    throw new TrustError(
      `a trusted header must be { number, hash, stateRoot }, got ${shown(header)}`,
    )
  }
  const number = typeof header.number === 'bigint' ? Number(header.number) : header.number
  if (!Number.isSafeInteger(number) || number < 0) {
    throw new TrustError(
      `the number of a trusted header must be a whole number, got ${shown(header.number)}`,
    )
  }
  try {
    return {
      number,
      hash: fromHex(header.hash, `hash of trusted header ${number}`, 32),
      stateRoot: fromHex(header.stateRoot, `stateRoot of trusted header ${number}`, 32),
    }
  } catch (cause) {
    throw new TrustError((cause as Error).message, { cause })
  }
}

/** A value of any kind in a message: `String` throws where an object has no prototype. */
function shown(value: unknown): string {
  if (typeof value === 'string') return `"${value.slice(0, 100)}"`
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}

import { compareBytes } from '../../base/bytes/compareBytes.ts'
import type { Header } from '../../chain/Header.ts'
import { sameHeader } from '../../chain/sameHeader.ts'

/**
 * The newest trusted headers, by number. Gaps are allowed: a stream may tell of some blocks only.
 *
 * A header that is not above the newest one changes the chain: all headers above it are gone, and
 * its own number has its hash now. Headers do not name their parents here, so a branch replaces
 * exactly what it names.
 */
export class HeaderWindow {
  readonly #depth: number
  readonly #headers: Header[] = []

  /**
   * @param depth blocks below the newest whose headers are kept; of the older ones only the newest
   *   is
   */
  constructor(depth: number) {
    this.#depth = depth
  }

  /** In ascending order of their numbers. */
  get headers(): readonly Header[] {
    return this.#headers
  }

  get oldest(): Header | undefined {
    return this.#headers[0]
  }

  get newest(): Header | undefined {
    return this.#headers.at(-1)
  }

  /**
   * Makes `header` the newest one.
   * @returns whether it was not the newest already
   */
  add(header: Header): boolean {
    const headers = this.#headers
    if (sameHeader(header, this.newest)) return false
    while (headers.length > 0 && headers.at(-1)!.number >= header.number) headers.pop()
    headers.push(header)
    while (headers.length > 1 && headers[1]!.number <= header.number - this.#depth) headers.shift()
    return true
  }

  /** The newest header whose number is at most `number`. */
  newestUpTo(number: number): Header | undefined {
    return this.#headers.findLast((header) => header.number <= number)
  }

  /** The newest header with this state root. */
  withRoot(stateRoot: Uint8Array): Header | undefined {
    return this.#headers.findLast((header) => compareBytes(header.stateRoot, stateRoot) === 0)
  }

  /**
   * Whether a header that was added is of the chain no more. One that has only grown too old to be
   * kept is.
   */
  removed(header: Header): boolean {
    const { oldest } = this
    if (oldest === undefined || header.number < oldest.number) return false
    return !sameHeader(header, this.newestUpTo(header.number))
  }
}

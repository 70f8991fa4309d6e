import type { Header } from '../../../src/chain/Header.ts'

/** A header that is told from all others by its number and the letter of its branch. */
export function block(number: number, branch = 'a'): Header {
  return { number, hash: words('hash', number, branch), stateRoot: words('root', number, branch) }
}

/** The headers of all blocks from one to another, both included. */
export function blocks(from: number, to: number, branch = 'a'): Header[] {
  return Array.from({ length: to - from + 1 }, (_, index) => block(from + index, branch))
}

function words(what: string, number: number, branch: string): Uint8Array {
  const bytes = new Uint8Array(32)
  bytes.set(new TextEncoder().encode(`${what} ${branch} ${number}`))
  return bytes
}

import { compareBytes } from '../base/bytes/compareBytes.ts'
import type { Header } from './Header.ts'

/** Whether two headers are of one block. */
export function sameHeader(a: Header | undefined, b: Header | undefined): boolean {
  if (a === undefined || b === undefined) return a === b
  return a.number === b.number && compareBytes(a.hash, b.hash) === 0
}

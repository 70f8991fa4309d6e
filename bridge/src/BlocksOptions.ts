import type { BlockShape } from 'cambium/server'
import { BlocksError } from './errors.ts'

/** A stream of made-up blocks. */
export interface BlocksOptions {
  /** Time between two blocks, 0.1 to 86 400. */
  seconds: number
  /** A whole number: the same seed makes the same blocks of the same state. @default 1 */
  seed?: number
  /** What blocks do. @default changes of one account in 4,000 at most, and of one at least */
  changes?: BlockShape
}

const MIN_SECONDS = 0.1
const MAX_SECONDS = 86_400

/** @throws {BlocksError} when the time or the seed makes no sense */
export function checkBlocks({ seconds, seed = 1 }: BlocksOptions): void {
  if (!(seconds >= MIN_SECONDS && seconds <= MAX_SECONDS)) {
    throw new BlocksError('interval', `${MIN_SECONDS} to ${MAX_SECONDS} seconds`, seconds)
  }
  if (!Number.isSafeInteger(seed) || seed < 0) throw new BlocksError('seed', 'a whole number', seed)
}

import { toHex } from '../base/bytes/hex.ts'
import type { Block } from './Block.ts'
import type { Header } from './Header.ts'

/** A header as apps see it. */
export function toBlock({ number, hash, stateRoot }: Header): Block {
  return { number, hash: toHex(hash), stateRoot: toHex(stateRoot) }
}

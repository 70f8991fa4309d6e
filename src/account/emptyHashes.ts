import { fromHex, type Hex } from '../base/bytes/hex.ts'

/** The root of a trie without leaves: Keccak-256 of `0x80`, the RLP of nothing. */
export const EMPTY_ROOT: Hex = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'

/** The hash of no code: Keccak-256 of no bytes. */
export const EMPTY_CODE_HASH: Hex =
  '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

/** `EMPTY_ROOT` as bytes of the caller's own. */
export function emptyRoot(): Uint8Array {
  return fromHex(EMPTY_ROOT, 'empty root', 32)
}

/** `EMPTY_CODE_HASH` as bytes of the caller's own. */
export function emptyCodeHash(): Uint8Array {
  return fromHex(EMPTY_CODE_HASH, 'empty code hash', 32)
}

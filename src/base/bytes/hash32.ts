import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'

/** The number of keys in the key space of a trie whose keys are 32-byte hashes. */
export const KEY_SPACE = 1n << 256n

/** The lowest hash, 00…00. Nobody may write to it. */
export const FIRST_HASH: Uint8Array = /* @__PURE__ */ new Uint8Array(32)

/** The highest hash, ff…ff. Nobody may write to it. */
export const LAST_HASH: Uint8Array = /* @__PURE__ */ new Uint8Array(32).fill(0xff)

/** 32 bytes, big-endian, as a number. */
export function hashToBigInt(hash: Uint8Array): bigint {
  return BigInt(`0x${bytesToHex(hash)}`)
}

/** A number below 2^256 as 32 bytes, big-endian. */
export function bigIntToHash(value: bigint): Uint8Array {
  return hexToBytes(value.toString(16).padStart(64, '0'))
}

/** The next hash, or `undefined` after ff…ff. */
export function nextHash(hash: Uint8Array): Uint8Array | undefined {
  const next = hash.slice()
  for (let index = next.length - 1; index >= 0; index--) {
    const byte = (next[index]! + 1) & 0xff
    next[index] = byte
    if (byte !== 0) return next
  }
  return undefined
}

/** The hash before, or `undefined` before 00…00. */
export function previousHash(hash: Uint8Array): Uint8Array | undefined {
  const previous = hash.slice()
  for (let index = previous.length - 1; index >= 0; index--) {
    const byte = (previous[index]! - 1) & 0xff
    previous[index] = byte
    if (byte !== 0xff) return previous
  }
  return undefined
}

import { bigIntToHash, hashToBigInt } from '../../src/base/bytes/hash32.ts'

/** The first of all keys, and the last. */
export const FIRST = /* @__PURE__ */ new Uint8Array(32)
export const LAST = /* @__PURE__ */ new Uint8Array(32).fill(0xff)

/** A hash of nothing that there is. */
export const UNKNOWN = /* @__PURE__ */ new Uint8Array(32).map((_, index) => 0x13 + index)

export const NO_BYTES = /* @__PURE__ */ new Uint8Array()

export const MIB = 1024 * 1024

/** More bytes than any server sends. */
export const UNLIMITED = Number.MAX_SAFE_INTEGER

/** A key before or after another one. */
export function moved(key: Uint8Array, by: bigint): Uint8Array {
  return bigIntToHash(hashToBigInt(key) + by)
}

import type { Leaves } from '../leaves/Leaves.ts'

/** Bytes of the longest key: a slot with its account. */
const MAX_KEY_SIZE = 64

/**
 * What is wrong with the sizes of packed leaves, or `undefined`. The wasm side goes by `count`,
 * `keySize` and `offsets`, so these must not point beyond the arrays.
 */
export function leafShapeFault(leaves: Leaves): string | undefined {
  const { count, keySize, keys, values, offsets } = leaves
  if (!(keySize >= 1 && keySize <= MAX_KEY_SIZE)) {
    return `keys of ${keySize} bytes, expected 1 to ${MAX_KEY_SIZE}`
  }
  if (keys.length !== count * keySize) {
    return `${count} keys of ${keySize} bytes in ${keys.length} bytes`
  }
  if (offsets.length !== count + 1) return `${offsets.length} offsets for ${count} values`
  if (offsets[0] !== 0 || offsets[count] !== values.length) {
    return `offsets from ${offsets[0]} to ${offsets[count]} in values of ${values.length} bytes`
  }
  return undefined
}

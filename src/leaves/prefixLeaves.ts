import { copyBytes } from '../base/copyBytes.ts'
import type { Leaves } from './Leaves.ts'

/**
 * Joins the leaves of several tries into one run of longer keys, prefix ‖ key.
 *
 * @param tries prefix and leaves of each, in ascending order of prefix; all prefixes of one size, all keys of one size
 */
export function prefixLeaves(tries: readonly (readonly [prefix: Uint8Array, Leaves])[]): Leaves {
  const count = tries.reduce((sum, [, leaves]) => sum + leaves.count, 0)
  const bytes = tries.reduce((sum, [, leaves]) => sum + leaves.values.length, 0)
  const keySize = tries.length === 0 ? 0 : tries[0]![0].length + tries[0]![1].keySize
  const keys = new Uint8Array(count * keySize)
  const values = new Uint8Array(bytes)
  const offsets = new Uint32Array(count + 1)
  let at = 0
  let end = 0
  for (const [prefix, leaves] of tries) {
    values.set(leaves.values, end)
    for (let index = 0; index < leaves.count; index++, at++) {
      copyBytes(prefix, 0, prefix.length, keys, at * keySize)
      const from = index * leaves.keySize
      copyBytes(leaves.keys, from, from + leaves.keySize, keys, at * keySize + prefix.length)
      offsets[at + 1] = end + leaves.offsets[index + 1]!
    }
    end += leaves.values.length
  }
  return { count, keySize, keys, values, offsets }
}

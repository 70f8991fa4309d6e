import { copyBytes } from '../base/bytes/copyBytes.ts'
import { type Leaves, sliceLeaves } from './Leaves.ts'

/**
 * Joins the leaves of several tries into one run of longer keys, prefix ‖ key.
 *
 * @param tries prefix and leaves of each, in ascending order of prefix; all prefixes of one size,
 *   all keys of one size
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

/**
 * Leaves `from` to `to` (exclusive) with the first `size` bytes of every key cut off. Values stay
 * views.
 */
export function unprefixLeaves(leaves: Leaves, from: number, to: number, size: number): Leaves {
  const slice = sliceLeaves(leaves, from, to)
  const keySize = leaves.keySize - size
  const keys = new Uint8Array(slice.count * keySize)
  for (let index = 0; index < slice.count; index++) {
    const start = index * leaves.keySize
    copyBytes(slice.keys, start + size, start + leaves.keySize, keys, index * keySize)
  }
  return { ...slice, keySize, keys }
}

/**
 * The same leaves with other values in some places. Keys stay views of the same bytes.
 *
 * @param changes values by the places of their leaves
 */
export function replaceValues(leaves: Leaves, changes: ReadonlyMap<number, Uint8Array>): Leaves {
  const { count, values: old, offsets: ends } = leaves
  let growth = 0
  for (const [index, value] of changes) growth += value.length - (ends[index + 1]! - ends[index]!)
  const values = new Uint8Array(old.length + growth)
  const offsets = new Uint32Array(count + 1)
  // All bytes between two changes are copied at once.
  let copied = 0
  let shift = 0
  for (let index = 0; index < count; index++) {
    const value = changes.get(index)
    if (value !== undefined) {
      const start = ends[index]!
      values.set(old.subarray(copied, start), copied + shift)
      values.set(value, start + shift)
      copied = ends[index + 1]!
      shift += value.length - (copied - start)
    }
    offsets[index + 1] = ends[index + 1]! + shift
  }
  values.set(old.subarray(copied), copied + shift)
  return { ...leaves, values, offsets }
}

import type { Leaves } from './Leaves.ts'

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
  // Whatever lies between two changes is copied at once.
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

import { copyBytes } from '../../base/bytes/copyBytes.ts'
import type { Leaves } from '../../leaves/Leaves.ts'

/** Both sets of ascending leaves as one; where both have a key, the leaf of `fresh` stays. */
export function mergeLeaves(old: Leaves, fresh: Leaves): Leaves {
  const { keySize } = fresh
  const keys = new Uint8Array(old.keys.length + fresh.keys.length)
  const values = new Uint8Array(old.values.length + fresh.values.length)
  const offsets = new Uint32Array(old.count + fresh.count + 1)
  let count = 0
  let valuesSize = 0

  // Whole runs are copied at once: ranges arrive in order, and mostly lie between two old leaves.
  const copy = (source: Leaves, from: number, to: number) => {
    const firstValue = source.offsets[from]!
    copyBytes(source.keys, from * keySize, to * keySize, keys, count * keySize)
    copyBytes(source.values, firstValue, source.offsets[to]!, values, valuesSize)
    for (let index = from; index < to; index++) {
      count++
      offsets[count] = valuesSize + source.offsets[index + 1]! - firstValue
    }
    valuesSize = offsets[count]!
  }

  let oldAt = 0
  let freshAt = 0
  while (freshAt < fresh.count) {
    const oldFrom = oldAt
    while (oldAt < old.count && compareKeys(old, oldAt, fresh, freshAt) < 0) oldAt++
    copy(old, oldFrom, oldAt)
    if (oldAt < old.count && compareKeys(old, oldAt, fresh, freshAt) === 0) oldAt++

    const freshFrom = freshAt
    do freshAt++
    while (
      freshAt < fresh.count &&
      (oldAt === old.count || compareKeys(fresh, freshAt, old, oldAt) < 0)
    )
    copy(fresh, freshFrom, freshAt)
  }
  copy(old, oldAt, old.count)
  return {
    count,
    keySize,
    keys: keys.subarray(0, count * keySize),
    values: values.subarray(0, valuesSize),
    offsets: offsets.subarray(0, count + 1),
  }
}

/**
 * Compares key `index` of some leaves with key `other` of others, without a view of either: that
 * would be an object per leaf.
 */
function compareKeys(a: Leaves, index: number, b: Leaves, other: number): number {
  const { keySize, keys } = a
  const from = index * keySize
  const against = other * keySize
  for (let at = 0; at < keySize; at++) {
    const order = keys[from + at]! - b.keys[against + at]!
    if (order !== 0) return order
  }
  return 0
}

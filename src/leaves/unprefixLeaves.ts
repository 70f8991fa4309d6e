import { copyBytes } from '../base/copyBytes.ts'
import type { Leaves } from './Leaves.ts'
import { sliceLeaves } from './sliceLeaves.ts'

/** Leaves `from` to `to` (exclusive) with the first `size` bytes of every key cut off. Values stay views. */
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

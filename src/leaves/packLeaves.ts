import { CambiumError } from '../base/CambiumError.ts'
import type { Leaves } from './Leaves.ts'

/** A key of another size than its neighbours, or another number of keys than of values. */
export class LeafShapeError extends CambiumError {
  constructor(message: string) {
    super('LEAF_SHAPE', message)
  }
}

/**
 * Packs single keys and values. Does not check their order.
 *
 * @param entries pairs of key and value, in the order in which they shall lie
 * @param keySize bytes of one key
 * @throws {LeafShapeError} when a key has another size
 */
export function packLeaves(
  entries: readonly (readonly [key: Uint8Array, value: Uint8Array])[],
  keySize = 32,
): Leaves {
  const offsets = new Uint32Array(entries.length + 1)
  let size = 0
  entries.forEach(([key, value], index) => {
    if (key.length !== keySize) {
      throw new LeafShapeError(`key ${index} has ${key.length} bytes, expected ${keySize}`)
    }
    size += value.length
    offsets[index + 1] = size
  })
  const keys = new Uint8Array(entries.length * keySize)
  const values = new Uint8Array(size)
  entries.forEach(([key, value], index) => {
    keys.set(key, index * keySize)
    values.set(value, offsets[index])
  })
  return { count: entries.length, keySize, keys, values, offsets }
}

import { keyOrder } from './keyOrder.ts'
import type { Leaves } from './Leaves.ts'

/** The same leaves by ascending keys, packed anew; equal keys in the order in which they lie. */
export function sortLeaves({ count, keySize, keys, values, offsets }: Leaves): Leaves {
  const sorted = {
    ...{ count, keySize },
    keys: new Uint8Array(keys.length),
    values: new Uint8Array(values.length),
    offsets: new Uint32Array(count + 1),
  }
  const order = keyOrder(keys, keySize)
  let at = 0
  let to = 0
  for (let place = 0; place < count; place++) {
    const index = order[place]!
    const key = index * keySize
    // Not by `set`: views would take longer than the copying.
    for (let byte = key; byte < key + keySize; ) sorted.keys[at++] = keys[byte++]!
    for (let byte = offsets[index]!, end = offsets[index + 1]!; byte < end; ) {
      sorted.values[to++] = values[byte++]!
    }
    sorted.offsets[place + 1] = to
  }
  return sorted
}

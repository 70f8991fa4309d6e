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

/**
 * So few keys are in order before the engine's sort has begun: most contracts have one or two
 * slots.
 */
const FEW = 16

/**
 * The places of keys that lie one after the other, by ascending keys; equal ones by their places.
 *
 * Sorts 64-bit words of the first four bytes of a key and its place, as the engine does that
 * without calling back: ten times as fast for a million hashes. Hardly two of these begin alike.
 */
export function keyOrder(keys: Uint8Array, keySize: number): Uint32Array {
  const count = keys.length / keySize
  const order = new Uint32Array(count)
  if (count <= FEW) {
    for (let index = 0; index < count; index++) insert(order, index, keys, keySize)
    return order
  }
  const words = new Uint32Array(2 * count)
  for (let index = 0; index < count; index++) {
    // Little-endian, as every host that runs wasm is.
    words[2 * index] = index
    words[2 * index + 1] = prefixAt(keys, index * keySize, keySize)
  }
  new BigUint64Array(words.buffer).sort()
  for (let start = 0, end = 1; start < count; start = end++) {
    while (end < count && words[2 * end + 1] === words[2 * start + 1]) end++
    for (let place = start; place < end; place++) order[place] = words[2 * place]!
    if (end - start > 1) order.subarray(start, end).sort((a, b) => compare(keys, a, b, keySize))
  }
  return order
}

/** Puts the key at a place into the order of those before it. */
function insert(order: Uint32Array, index: number, keys: Uint8Array, keySize: number): void {
  let at = index
  for (; at > 0 && compare(keys, order[at - 1]!, index, keySize) > 0; at--) {
    order[at] = order[at - 1]!
  }
  order[at] = index
}

/** Compares two keys by their places; equal keys compare by these. */
function compare(keys: Uint8Array, a: number, b: number, keySize: number): number {
  const [first, second] = [a * keySize, b * keySize]
  for (let byte = 0; byte < keySize; byte++) {
    const difference = keys[first + byte]! - keys[second + byte]!
    if (difference !== 0) return difference
  }
  return a - b
}

/** The first four bytes of a key as a number; a shorter key has zeros behind it. */
function prefixAt(keys: Uint8Array, start: number, keySize: number): number {
  let prefix = 0
  for (let byte = 0; byte < 4; byte++) {
    prefix = (prefix << 8) | (byte < keySize ? keys[start + byte]! : 0)
  }
  return prefix >>> 0
}

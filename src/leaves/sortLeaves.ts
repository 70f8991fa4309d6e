import { keyOrder } from './keyOrder.ts'
import type { Leaves } from './Leaves.ts'

/** More leaves than that do not stay within the caches while they are sorted: they are parted by their first byte before. */
const MOST_AT_ONCE = 8192

/** The same leaves by ascending keys, packed anew; equal keys in the order in which they lie. */
export function sortLeaves(leaves: Leaves): Leaves {
  const sorted = room(leaves.keySize, leaves.count, leaves.values.length)
  if (leaves.count <= MOST_AT_ONCE) {
    gather(leaves, sorted, 0)
    return sorted
  }
  const starts = part(leaves, sorted)
  const bytesTo = (bucket: number) => sorted.offsets[starts[bucket]!]!
  const buckets = Array.from({ length: 256 }, (_, bucket) => bucket)
  const bytes = Math.max(...buckets.map((bucket) => bytesTo(bucket + 1) - bytesTo(bucket)))
  const counts = buckets.map((bucket) => starts[bucket + 1]! - starts[bucket]!)
  const copy = room(leaves.keySize, Math.max(...counts), bytes)
  for (const bucket of buckets) {
    gather(copied(sorted, starts[bucket]!, starts[bucket + 1]!, copy), sorted, starts[bucket]!)
  }
  return sorted
}

function room(keySize: number, count: number, bytes: number): Leaves {
  return {
    ...{ count, keySize },
    keys: new Uint8Array(count * keySize),
    values: new Uint8Array(bytes),
    offsets: new Uint32Array(count + 1),
  }
}

/** Writes leaves by ascending keys into others, from one place on; what stands before that place is there already. */
function gather({ count, keySize, keys, values, offsets }: Leaves, into: Leaves, place: number) {
  const order = keyOrder(keys.subarray(0, count * keySize), keySize)
  let to = into.offsets[place]!
  let at = place * keySize
  for (let next = 0; next < count; next++) {
    const index = order[next]!
    const key = index * keySize
    // Not by `set`: views would take longer than the copying.
    for (let byte = key; byte < key + keySize; ) into.keys[at++] = keys[byte++]!
    for (let byte = offsets[index]!, end = offsets[index + 1]!; byte < end; ) {
      into.values[to++] = values[byte++]!
    }
    into.offsets[place + next + 1] = to
  }
}

/**
 * Writes leaves by the first bytes of their keys, in the order in which they lie.
 * @returns where those with each first byte begin, and the end
 */
function part({ count, keySize, keys, values, offsets }: Leaves, into: Leaves): number[] {
  const counts = new Array<number>(256).fill(0)
  const sizes = new Array<number>(256).fill(0)
  for (let index = 0; index < count; index++) {
    const bucket = keys[index * keySize]!
    counts[bucket]!++
    sizes[bucket]! += offsets[index + 1]! - offsets[index]!
  }
  const starts = sums(counts)
  const places = [...starts]
  const ends = sums(sizes)
  for (let index = 0; index < count; index++) {
    const key = index * keySize
    const bucket = keys[key]!
    const place = places[bucket]!++
    let to = ends[bucket]!
    into.offsets[place] = to
    for (let byte = 0; byte < keySize; byte++) into.keys[place * keySize + byte] = keys[key + byte]!
    for (let byte = offsets[index]!, end = offsets[index + 1]!; byte < end; ) {
      into.values[to++] = values[byte++]!
    }
    ends[bucket] = to
  }
  into.offsets[count] = into.values.length
  return starts
}

/** How much there is before each, and in all. */
function sums(parts: readonly number[]): number[] {
  const before = [0]
  for (const [index, part] of parts.entries()) before.push(before[index]! + part)
  return before
}

/** A stretch of leaves, copied into the room of others. */
function copied(leaves: Leaves, from: number, to: number, room: Leaves): Leaves {
  const { keySize, keys, values, offsets } = leaves
  const start = offsets[from]!
  room.keys.set(keys.subarray(from * keySize, to * keySize))
  room.values.set(values.subarray(start, offsets[to]))
  for (let index = from; index <= to; index++) room.offsets[index - from] = offsets[index]! - start
  return { ...room, count: to - from }
}

import type { Leaves } from '../leaves/Leaves.ts'
import { RlpError } from '../rlp/errors.ts'
import type { RlpReader } from '../rlp/RlpReader.ts'

const KEY_SIZE = 32

/** Header of the pair, the hash with its header, and a body of one byte. */
const MIN_PAIR_SIZE = 1 + 33 + 1

/**
 * Packs the `[hash, body]` pairs of an answer: bodies of accounts are lists and are kept with their
 * headers, values of slots are strings and are kept without. Creates a fixed number of objects,
 * however many leaves there are.
 *
 * @param list stands before the first pair
 * @throws {RlpError} when a pair has another shape or its hash another size
 */
export function decodeLeaves(list: RlpReader, what: 'account' | 'slot'): Leaves {
  // Counting first costs one header per leaf (3 % of the time) and makes the arrays neither too
  // long nor grow.
  const listSize = list.end - list.position
  const count = list.count()
  if (count * MIN_PAIR_SIZE > listSize) {
    throw new RlpError(`${what}s: ${count} pairs of hash and body cannot lie in ${listSize} bytes`)
  }
  const keys = new Uint8Array(count * KEY_SIZE)
  const values = new Uint8Array(listSize - keys.length)
  const offsets = new Uint32Array(count + 1)
  const { bytes } = list
  let size = 0
  for (let index = 0; index < count; index++) {
    if (!list.next()) throw new RlpError(`${what} ${index} must be a list, got a string`)
    const pairEnd = list.position
    list.position = list.payload
    const hashIsList = list.next()
    if (hashIsList || list.position - list.payload !== KEY_SIZE) {
      throw new RlpError(`${what} ${index}: hash must be a string of ${KEY_SIZE} bytes`)
    }
    copy(bytes, list.payload, list.position, keys, index * KEY_SIZE)
    const bodyStart = list.position
    const bodyIsList = list.next()
    if (bodyIsList !== (what === 'account') || list.position !== pairEnd) {
      throw new RlpError(
        `${what} ${index}: ${what === 'account' ? 'a list' : 'a string'} must follow the hash and end it`,
      )
    }
    const valueStart = what === 'account' ? bodyStart : list.payload
    copy(bytes, valueStart, pairEnd, values, size)
    size += pairEnd - valueStart
    offsets[index + 1] = size
  }
  return { count, keySize: KEY_SIZE, keys, values: values.subarray(0, size), offsets }
}

/**
 * As fast as `set` with a view of the source (1 ms for 4,500 accounts), but makes no object per
 * leaf.
 */
function copy(from: Uint8Array, start: number, end: number, to: Uint8Array, at: number): void {
  for (let source = start, target = at; source < end; ) to[target++] = from[source++]!
}

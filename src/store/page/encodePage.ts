import { sharedBits } from '../../base/bytes/sharedBits.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey } from '../../leaves/Leaves.ts'
import { PAGE_FORMAT, pageChecksum } from './pageFormat.ts'

/**
 * The bytes of the page of leaves `from` … `to` (exclusive, at least one), known without writing
 * it.
 */
export function pageSize(leaves: Leaves, from: number, to: number): number {
  return layout(leaves, from, to).size
}

/**
 * Writes leaves `from` … `to` (exclusive, at least one, ascending) as a page.
 * @param key of the record that the page is to be
 */
export function encodePage(
  leaves: Leaves,
  from: number,
  to: number,
  key: Uint8Array = new Uint8Array(),
): Uint8Array {
  const { count, shared, endSize, keysAt, endsAt, valuesAt, size } = layout(leaves, from, to)
  const page = new Uint8Array(size)
  const view = new DataView(page.buffer)
  page.set([PAGE_FORMAT.version, leaves.keySize, shared, endSize])
  view.setUint32(4, count, true)
  if (shared === 0) {
    page.set(leaves.keys.subarray(from * leaves.keySize, to * leaves.keySize), keysAt)
  } else {
    writeKeys(view, leaves, from, count, shared)
  }

  const { offsets } = leaves
  const firstValue = offsets[from]!
  for (let index = 0; index < count; index++) {
    const end = offsets[from + index + 1]! - firstValue
    if (endSize === 2) view.setUint16(endsAt + index * 2, end, true)
    else view.setUint32(endsAt + index * 4, end, true)
  }
  page.set(leaves.values.subarray(firstValue, offsets[to]), valuesAt)
  page.set(pageChecksum(page, key), 8)
  return page
}

/**
 * Writes the bytes that the keys share, and the rest of each. Keys are copied whole, last one
 * first: the shared bytes of each fall onto the end of the one before it, which comes next, and
 * those of the first where they belong. In words, which are a third of the time of bytes; a view
 * per key would be an object per leaf. Keys have whole words in every table.
 */
function writeKeys(page: DataView, leaves: Leaves, from: number, count: number, shared: number) {
  const { keySize, keys } = leaves
  const words = new DataView(keys.buffer, keys.byteOffset, keys.byteLength)
  for (let index = count - 1; index >= 0; index--) {
    const source = (from + index) * keySize
    const target = PAGE_FORMAT.headerSize + index * (keySize - shared)
    for (let byte = 0; byte < keySize; byte += 4) {
      page.setUint32(target + byte, words.getUint32(source + byte))
    }
  }
}

function layout(leaves: Leaves, from: number, to: number) {
  const count = to - from
  // The keys ascend: what the first and the last share, all share.
  const shared = sharedBits(leafKey(leaves, from), leafKey(leaves, to - 1)) >> 3
  const valuesSize = leaves.offsets[to]! - leaves.offsets[from]!
  const endSize = valuesSize < PAGE_FORMAT.longValues ? 2 : 4
  const keysAt = PAGE_FORMAT.headerSize + shared
  const endsAt = keysAt + count * (leaves.keySize - shared)
  const valuesAt = endsAt + count * endSize
  return { count, shared, endSize, keysAt, endsAt, valuesAt, size: valuesAt + valuesSize }
}

import { sharedBits } from '../../bytes/sharedBits.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey } from '../../leaves/leafAt.ts'
import { PAGE_FORMAT } from './pageFormat.ts'

/** The bytes of the page of leaves `from` … `to` (exclusive, at least one), known without writing it. */
export function pageSize(leaves: Leaves, from: number, to: number): number {
  return layout(leaves, from, to).size
}

/** Writes leaves `from` … `to` (exclusive, at least one, ascending) as a page. */
export function encodePage(leaves: Leaves, from: number, to: number): Uint8Array {
  const { count, shared, endSize, keysAt, endsAt, valuesAt, size } = layout(leaves, from, to)
  const page = new Uint8Array(size)
  const view = new DataView(page.buffer)
  page.set([PAGE_FORMAT.version, leaves.keySize, shared, endSize])
  view.setUint32(4, count, true)
  page.set(leafKey(leaves, from).subarray(0, shared), PAGE_FORMAT.headerSize)

  const { keySize, keys, offsets } = leaves
  const firstValue = offsets[from]!
  let at = keysAt
  for (let index = 0; index < count; index++) {
    // A loop, as a view per key would be an object per leaf.
    const keyEnd = (from + index + 1) * keySize
    for (let byte = keyEnd - keySize + shared; byte < keyEnd; ) page[at++] = keys[byte++]!
    const end = offsets[from + index + 1]! - firstValue
    if (endSize === 2) view.setUint16(endsAt + index * 2, end, true)
    else view.setUint32(endsAt + index * 4, end, true)
  }
  page.set(leaves.values.subarray(firstValue, leaves.offsets[to]), valuesAt)
  return page
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

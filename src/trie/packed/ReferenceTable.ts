/** Bytes of a slot: a hash with its header, or an embedded node, which is shorter. */
export const SLOT_SIZE = 33

/**
 * How a hash begins: the header of a string of 32 bytes. An embedded node begins with that of a
 * list.
 */
const HASH_HEADER = 0xa0

/**
 * References of many nodes in one array, 33 bytes for each: as objects they would take ten times as
 * much. A slot of zeros is empty.
 */
export type ReferenceTable = Uint8Array

/** An empty table. */
export function referenceTable(slots: number): ReferenceTable {
  return new Uint8Array(slots * SLOT_SIZE)
}

/** Bytes of the reference in a slot; 0 where it is empty. */
export function referenceSize(table: ReferenceTable, slot: number): number {
  const header = table[slot * SLOT_SIZE]!
  if (header === 0) return 0
  return header === HASH_HEADER ? SLOT_SIZE : header - 0xc0 + 1
}

/** Writes the reference to a node by its hash, which lies at `from`. */
export function putHash(
  table: ReferenceTable,
  slot: number,
  hashes: Uint8Array,
  from: number,
): void {
  const start = slot * SLOT_SIZE
  table[start] = HASH_HEADER
  // Not by `set`: a view for each would take longer than the copying.
  for (let index = 0; index < 32; index++) table[start + 1 + index] = hashes[from + index]!
}

/** Copies a slot of another table. */
export function copySlot(
  table: ReferenceTable,
  slot: number,
  from: ReferenceTable,
  fromSlot: number,
): void {
  const start = fromSlot * SLOT_SIZE
  const shift = slot * SLOT_SIZE - start
  for (let index = start; index < start + SLOT_SIZE; index++) table[index + shift] = from[index]!
}

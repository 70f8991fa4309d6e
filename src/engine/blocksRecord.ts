import { fromHex, toHex } from '../base/bytes/hex.ts'
import type { Block } from '../chain/Block.ts'
import { decodeRecord, encodeRecord } from '../sync/journal/journalRecord.ts'

/** Name of the journal record that tells whose states the completed and the wanted one are. */
const BLOCKS = 'blocks'

export function blocksRecord(blocks: readonly Block[]): [name: string, record: Uint8Array] {
  const fields = blocks.map(({ number, hash, stateRoot }) => {
    return [BigInt(number), fromHex(hash, 'hash', 32), fromHex(stateRoot, 'stateRoot', 32)]
  })
  return [BLOCKS, encodeRecord(...fields)]
}

/**
 * The blocks of the record, none where it is missing or damaged: all that is lost is a number and a
 * hash.
 */
export function readBlocks(journal: ReadonlyMap<string, Uint8Array>): Block[] {
  const record = journal.get(BLOCKS)
  if (record === undefined) return []
  try {
    return decodeRecord(record, (fields) => {
      const blocks: Block[] = []
      while (!fields.done) {
        const block = fields.list('block')
        const number = Number(block.uint64('number'))
        if (!Number.isSafeInteger(number)) throw new Error(`number ${number} is no block's`)
        const hash = toHex(block.string('hash', 32))
        blocks.push({ number, hash, stateRoot: toHex(block.string('stateRoot', 32)) })
        block.finish('block')
      }
      return blocks
    })
  } catch {
    return []
  }
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex } from '../base/bytes/hex.ts'
import { encodeRecord } from '../sync/journal/journalRecord.ts'
import { blocksRecord, readBlocks } from './blocksRecord.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(toHex)
const block = fc.record({ number: fc.maxSafeNat(), hash, stateRoot: hash })

describe('the record of blocks', () => {
  it('says what was written', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 3 }), (blocks) => {
        expect(readBlocks(new Map([blocksRecord(blocks)]))).toEqual(blocks)
      }),
    )
  })

  it('says nothing where it is missing, damaged or of another form', () => {
    expect(readBlocks(new Map())).toEqual([])
    fc.assert(
      fc.property(block, fc.nat(), fc.integer({ min: 1, max: 255 }), (block, at, flip) => {
        const [name, record] = blocksRecord([block])
        record[at % record.length]! ^= flip
        expect(readBlocks(new Map([[name, record]]))).toEqual([])
        expect(readBlocks(new Map([[name, record.subarray(0, at % record.length)]]))).toEqual([])
      }),
    )
    const strange = encodeRecord([1n, new Uint8Array(31), new Uint8Array(32)])
    const [name] = blocksRecord([])
    expect(readBlocks(new Map([[name, strange]]))).toEqual([])
  })
})

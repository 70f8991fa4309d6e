import type { RlpReader } from '../../rlp/RlpReader.ts'
import { JournalError } from '../journal/errors.ts'
import { decodeRecord, encodeRecord } from '../journal/journalRecord.ts'
import { noCounts } from './counts.ts'
import type { SyncCounts } from './Progress.ts'

/** The name of the record of what all runs have counted (geth stores the same with its tasks). */
const COUNTS = 'counts'

/** What all runs have counted so far, in the order of `noCounts`. */
export function countsRecord({ synced, healed }: SyncCounts): [name: string, record: Uint8Array] {
  const empty = noCounts()
  const numbers = [
    ...namesOf(empty.synced).map((name) => synced[name]),
    ...namesOf(empty.healed).map((name) => healed[name]),
  ]
  return [COUNTS, encodeRecord(...numbers.map(BigInt))]
}

/**
 * Reads what earlier runs counted; nothing if there is no record.
 *
 * @param onDamage told when the record cannot be read; the counts then begin at zero
 */
export function readCounts(
  records: ReadonlyMap<string, Uint8Array>,
  onDamage: (error: JournalError) => void = () => {},
): SyncCounts {
  const record = records.get(COUNTS)
  if (record === undefined) return noCounts()
  try {
    return decodeRecord(record, (fields) => {
      const counts = noCounts()
      for (const name of namesOf(counts.synced)) counts.synced[name] = readCount(fields)
      for (const name of namesOf(counts.healed)) counts.healed[name] = readCount(fields)
      return counts
    })
  } catch (cause) {
    onDamage(new JournalError(COUNTS, cause))
    return noCounts()
  }
}

function namesOf<Counts extends object>(counts: Counts): (keyof Counts)[] {
  return Object.keys(counts) as (keyof Counts)[]
}

function readCount(fields: RlpReader): number {
  const count = fields.uint64('count')
  if (count > Number.MAX_SAFE_INTEGER) throw new Error(`a count is at most 2^53 - 1, got ${count}`)
  return Number(count)
}

import { hexToBytes } from '@noble/hashes/utils.js'
import { JournalError } from './errors.ts'
import { IncompleteAccounts } from './IncompleteAccounts.ts'
import { hashInName, hashInRecord, MARK_PREFIX } from './markRecord.ts'

/**
 * Reads from a store's journal which accounts may be incomplete.
 *
 * Every account that a damaged mark still tells counts: to look at one too many costs one request,
 * to miss one loses it. If neither the name nor the record tells an account, only the audit can
 * find it, which follows on every journal that was read; such a record is reported and goes with
 * the next changes.
 */
export function readIncompleteAccounts(records: ReadonlyMap<string, Uint8Array>): {
  incomplete: IncompleteAccounts
  damaged: JournalError[]
} {
  const damaged: JournalError[] = []
  const named = new Set<string>()
  const told = new Set<string>()
  const strays: string[] = []
  for (const [name, record] of records) {
    if (!name.startsWith(MARK_PREFIX)) continue
    const hash = hashInName(name)
    if (hash === undefined) strays.push(name)
    else named.add(hash)
    try {
      const inRecord = hashInRecord(record)
      told.add(inRecord)
      if (inRecord !== hash) throw new Error(`it marks 0x${inRecord}`)
    } catch (cause) {
      damaged.push(new JournalError(name, cause))
    }
  }
  const incomplete = new IncompleteAccounts(named, strays)
  for (const hash of told) incomplete.add(hexToBytes(hash))
  return { incomplete, damaged }
}

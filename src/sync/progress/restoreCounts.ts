import type { StateStore } from '../../store/StateStore.ts'
import type { Fault } from '../peers/Fault.ts'
import { readCounts } from './countsRecord.ts'
import type { ProgressMeter } from './ProgressMeter.ts'

/**
 * Lets a meter continue the counts that earlier runs stored. A record that is damaged is a fault,
 * and the counts begin at zero.
 *
 * @throws {StoreError} when the journal cannot be read
 */
export async function restoreCounts(
  store: StateStore,
  meter: ProgressMeter,
  onFault: (fault: Fault) => void = () => {},
): Promise<void> {
  const records = await store.journal()
  meter.restore(readCounts(records, ({ code, message }) => onFault({ code, message })))
}

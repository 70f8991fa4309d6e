import type { CambiumError } from '../../base/CambiumError.ts'
import { StoreClosedError, StoreCorruptError, StoreLostError } from '../../store/errors.ts'
import { AuditError } from '../../sync/audit/errors.ts'

/** Whether what is stored is not what was proven and written. */
export function isDamage(error: unknown): error is CambiumError {
  return error instanceof AuditError || error instanceof StoreCorruptError
}

/** Whether the database is closed or lost, so that it must be opened again. */
export function isGone(error: unknown): boolean {
  return error instanceof StoreClosedError || error instanceof StoreLostError
}

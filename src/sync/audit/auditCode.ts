import { toHex } from '../../base/bytes/hex.ts'
import type { StateView } from '../../store/StateView.ts'
import { AuditError } from './errors.ts'

/**
 * Checks that a code is stored. The view checks whose hash it is.
 * @param accountHash one of the accounts that have it, for the error
 * @throws {AuditError} when it is not stored
 * @throws {StoreCorruptError} when it hashes to something else
 */
export async function auditCode(
  view: Pick<StateView, 'getCode'>,
  codeHash: Uint8Array,
  accountHash: Uint8Array,
): Promise<void> {
  if ((await view.getCode(codeHash)) !== undefined) return
  throw new AuditError(`code ${toHex(codeHash)} of account ${toHex(accountHash)} is not stored`)
}

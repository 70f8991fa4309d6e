import { compareBytes } from '../../base/compareBytes.ts'
import { toHex } from '../../base/hex.ts'
import type { StateView } from '../../store/StateView.ts'
import type { Verifier } from '../../verifier/Verifier.ts'
import { AuditError } from './errors.ts'

/**
 * Checks that a code is stored, and hashes to what it is stored as.
 * @param accountHash one of the accounts that have it, for the error
 * @throws {AuditError} when it is not so
 */
export async function auditCode(
  view: Pick<StateView, 'getCode'>,
  verifier: Pick<Verifier, 'keccak256'>,
  codeHash: Uint8Array,
  accountHash: Uint8Array,
): Promise<void> {
  const code = await view.getCode(codeHash)
  if (code === undefined) {
    throw new AuditError(`code ${toHex(codeHash)} of account ${toHex(accountHash)} is not stored`)
  }
  const computed = verifier.keccak256(code)
  if (compareBytes(computed, codeHash) !== 0) {
    throw new AuditError(`the code stored as ${toHex(codeHash)} hashes to ${toHex(computed)}`)
  }
}

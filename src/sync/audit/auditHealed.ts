import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { decodeSlimAccount } from '../../account/accountCodec.ts'
import { EMPTY_CODE_HASH, emptyRoot } from '../../account/emptyHashes.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { toHex } from '../../base/bytes/hex.ts'
import type { StateView } from '../../store/StateView.ts'
import { SyncCancelledError } from '../loop/errors.ts'
import { auditCode } from './auditCode.ts'
import type { DerivedState } from './DerivedState.ts'
import { AuditError } from './errors.ts'

export interface HealedAuditOptions {
  signal: AbortSignal
  /** Called after each account, with its hash in hexadecimal. */
  onChecked: (accountHash: string) => void
}

/**
 * Checks what healing changed of a state that was audited before: the state root, and the storage
 * root and code of each account that was touched. Costs what changed, where `audit` costs the whole
 * state.
 *
 * @param root what the state root must be, 32 bytes
 * @param touched account hashes in hexadecimal, without prefix
 * @throws {AuditError} at the first difference, naming it
 * @throws {SyncCancelledError} when `signal` aborts
 */
export async function auditHealed(
  view: Pick<StateView, 'getAccount' | 'getCode'>,
  derived: DerivedState,
  root: Uint8Array,
  touched: Iterable<string>,
  { signal, onChecked }: HealedAuditOptions,
): Promise<void> {
  const computed = await derived.accounts.root()
  if (compareBytes(computed, root) !== 0) {
    throw new AuditError(`the accounts' root is ${toHex(computed)}, expected ${toHex(root)}`)
  }
  const codes = new Set<string>([EMPTY_CODE_HASH.slice(2)])
  for (const hash of touched) {
    if (signal.aborted) throw new SyncCancelledError()
    const accountHash = hexToBytes(hash)
    const slim = await view.getAccount(accountHash)
    const account = slim && decodeSlimAccount(slim)
    const expected = account?.storageRoot ?? emptyRoot()
    const storageRoot = await derived.storage(accountHash).root()
    if (compareBytes(storageRoot, expected) !== 0) {
      throw new AuditError(
        `the slots' root is ${toHex(storageRoot)} for account 0x${hash}, expected ${toHex(expected)}`,
      )
    }
    const codeHash = account?.codeHash
    if (codeHash !== undefined && !codes.has(bytesToHex(codeHash))) {
      await auditCode(view, codeHash, accountHash)
      codes.add(bytesToHex(codeHash))
    }
    onChecked(hash)
  }
}

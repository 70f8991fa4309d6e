import { compareBytes } from '../bytes/compareBytes.ts'
import { type Hex, toHex } from '../bytes/hex.ts'
import { AccountContents } from './AccountContents.ts'
import type { AccountEntry } from './AccountEntry.ts'
import { loadAccounts, type StateSize } from './loadAccounts.ts'
import type { StateSource } from './StateSource.ts'

export interface MemoryState extends StateSize {
  stateRoot: Hex
  source: StateSource
}

/**
 * Builds a state in memory, with all its tries, and serves it.
 *
 * Costs some 500 bytes per account and per slot; code and storage that several accounts have in common are held once.
 *
 * @param onProgress called now and then while the state is built
 * @throws {AccountMismatchError} when an account's code or storage is not what it declares
 * @throws {LeafOrderError} when an account occurs twice, or a slot twice in one account
 */
export function memoryState(
  entries: Iterable<AccountEntry>,
  onProgress?: (size: StateSize) => void,
): MemoryState {
  const contents = new AccountContents()
  const { accounts, size } = loadAccounts(entries, contents, onProgress)
  const source = contents.serve((root) =>
    compareBytes(root, accounts.root) === 0 ? accounts : undefined,
  )
  return { stateRoot: toHex(accounts.root), source, ...size }
}

import type { Leaves } from '../leaves/Leaves.ts'
import { leafKey } from '../leaves/Leaves.ts'
import type { FoundContract } from './FoundContract.ts'
import { SlimAccountScanner } from './SlimAccountScanner.ts'

/**
 * Lists the accounts with storage or code; plain accounts yield nothing. The hashes are copies, as
 * the leaves may be handed on to another thread.
 *
 * @param leaves values: slim account RLP
 * @throws {AccountEncodingError} that names the key of the first account that is not in canonical
 *   slim form
 */
export function findContracts(leaves: Leaves): FoundContract[] {
  const scanner = new SlimAccountScanner(leaves)
  const contracts: FoundContract[] = []
  for (let index = 0; index < leaves.count; index++) {
    scanner.read(index)
    const { hasStorage, hasCode } = scanner
    if (!hasStorage && !hasCode) continue
    const contract: FoundContract = { index, accountHash: leafKey(leaves, index).slice() }
    if (hasStorage) contract.storageRoot = hashAt(leaves, scanner.rootStart)
    if (hasCode) contract.codeHash = hashAt(leaves, scanner.codeStart)
    contracts.push(contract)
  }
  return contracts
}

function hashAt(leaves: Leaves, start: number): Uint8Array {
  return leaves.values.slice(start + 1, start + 33)
}

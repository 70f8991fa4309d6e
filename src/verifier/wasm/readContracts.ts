import type { FoundContract } from '../../account/FoundContract.ts'
import { CONTRACT_RECORD as RECORD } from './contractRecord.ts'

/**
 * Contracts out of their records (`CONTRACT_RECORD`).
 *
 * @param records one after the other; each begins at a multiple of four in its buffer
 * @param keys of the accounts among which they are, 32 bytes each
 */
export function readContracts(records: Uint8Array, keys: Uint8Array): FoundContract[] {
  const words = new Uint32Array(records.buffer, records.byteOffset, records.length / 4)
  const contracts: FoundContract[] = []
  for (let at = 0; at < records.length; at += RECORD.size) {
    const index = words[(at + RECORD.indexAt) / 4]!
    const flags = words[(at + RECORD.flagsAt) / 4]!
    const hash = (from: number) => records.slice(at + from, at + from + 32)
    const accountHash = keys.slice(32 * index, 32 * (index + 1))
    const contract: FoundContract = { index, accountHash }
    if (flags & RECORD.hasStorage) contract.storageRoot = hash(RECORD.storageRootAt)
    if (flags & RECORD.hasCode) contract.codeHash = hash(RECORD.codeHashAt)
    contracts.push(contract)
  }
  return contracts
}

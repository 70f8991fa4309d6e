import type { FoundContract } from '../../../account/FoundContract.ts'
import { CONTRACT_RECORD as RECORD } from '../../../verifier/wasm/contractRecord.ts'

/**
 * Contracts as one buffer, to go to another thread: hundreds of small ones take longer than a copy of all accounts. `readContracts`
 * undoes it.
 */
export function packContracts(contracts: readonly FoundContract[]): Uint8Array {
  const packed = new Uint8Array(RECORD.size * contracts.length)
  const words = new Uint32Array(packed.buffer)
  let at = 0
  for (const { index, storageRoot, codeHash } of contracts) {
    words[(at + RECORD.indexAt) / 4] = index
    const flags = (storageRoot ? RECORD.hasStorage : 0) | (codeHash ? RECORD.hasCode : 0)
    words[(at + RECORD.flagsAt) / 4] = flags
    if (storageRoot) packed.set(storageRoot, at + RECORD.storageRootAt)
    if (codeHash) packed.set(codeHash, at + RECORD.codeHashAt)
    at += RECORD.size
  }
  return packed
}

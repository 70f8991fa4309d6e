import type { FoundContract } from '../../../account/FoundContract.ts'
import {
  CONTRACT_CODE_HASH,
  CONTRACT_FLAGS,
  CONTRACT_INDEX,
  CONTRACT_SIZE,
  CONTRACT_STORAGE_ROOT,
  HAS_CODE,
  HAS_STORAGE,
} from '../../../verifier/wasm/generated/layout.ts'

/**
 * Contracts as one buffer, to go to another thread: hundreds of small ones take longer than a copy
 * of all accounts. `readContracts` undoes it.
 */
export function packContracts(contracts: readonly FoundContract[]): Uint8Array {
  const packed = new Uint8Array(CONTRACT_SIZE * contracts.length)
  const words = new Uint32Array(packed.buffer)
  let at = 0
  for (const { index, storageRoot, codeHash } of contracts) {
    words[(at + CONTRACT_INDEX) / 4] = index
    const flags = (storageRoot ? HAS_STORAGE : 0) | (codeHash ? HAS_CODE : 0)
    words[(at + CONTRACT_FLAGS) / 4] = flags
    if (storageRoot) packed.set(storageRoot, at + CONTRACT_STORAGE_ROOT)
    if (codeHash) packed.set(codeHash, at + CONTRACT_CODE_HASH)
    at += CONTRACT_SIZE
  }
  return packed
}

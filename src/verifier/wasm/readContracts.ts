import type { FoundContract } from '../../account/FoundContract.ts'
import {
  CONTRACT_CODE_HASH,
  CONTRACT_FLAGS,
  CONTRACT_INDEX,
  CONTRACT_SIZE,
  CONTRACT_STORAGE_ROOT,
  HAS_CODE,
  HAS_STORAGE,
} from './generated/layout.ts'

/**
 * Contracts out of their records (asm/layout.ts).
 *
 * @param records one after the other; each begins at a multiple of four in its buffer
 * @param keys of the accounts among which they are, 32 bytes each
 */
export function readContracts(records: Uint8Array, keys: Uint8Array): FoundContract[] {
  const words = new Uint32Array(records.buffer, records.byteOffset, records.length / 4)
  const contracts: FoundContract[] = []
  for (let at = 0; at < records.length; at += CONTRACT_SIZE) {
    const index = words[(at + CONTRACT_INDEX) / 4]!
    const flags = words[(at + CONTRACT_FLAGS) / 4]!
    const hash = (from: number) => records.slice(at + from, at + from + 32)
    const accountHash = keys.slice(32 * index, 32 * (index + 1))
    const contract: FoundContract = { index, accountHash }
    if (flags & HAS_STORAGE) contract.storageRoot = hash(CONTRACT_STORAGE_ROOT)
    if (flags & HAS_CODE) contract.codeHash = hash(CONTRACT_CODE_HASH)
    contracts.push(contract)
  }
  return contracts
}

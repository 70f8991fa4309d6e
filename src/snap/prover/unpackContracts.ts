import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey } from '../../leaves/leafAt.ts'
import type { FoundContract } from '../../wasm/Verifier.ts'
import { CONTRACT_SIZE, HAS_CODE, HAS_STORAGE } from './packContracts.ts'

/** Undoes `packContracts`. @param accounts those among which the contracts are */
export function unpackContracts(packed: Uint8Array, accounts: Leaves): FoundContract[] {
  const words = new Uint32Array(packed.buffer)
  const contracts: FoundContract[] = []
  for (let at = 0; at < packed.length; at += CONTRACT_SIZE) {
    const index = words[at / 4]!
    const flags = words[at / 4 + 1]!
    contracts.push({
      index,
      accountHash: leafKey(accounts, index).slice(),
      ...(flags & HAS_STORAGE && { storageRoot: packed.slice(at + 8, at + 40) }),
      ...(flags & HAS_CODE && { codeHash: packed.slice(at + 40, at + 72) }),
    })
  }
  return contracts
}

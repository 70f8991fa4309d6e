import type { FoundContract } from '../../wasm/Verifier.ts'

/** Bytes of a contract: its place among the leaves, flags, storage root, code hash; as in wasm (asm/accounts.ts). */
export const CONTRACT_SIZE = 72
export const HAS_STORAGE = 1
export const HAS_CODE = 2

/** Contracts as one buffer, to go to another thread: hundreds of small ones take longer than a copy of all accounts. */
export function packContracts(contracts: readonly FoundContract[]): Uint8Array {
  const packed = new Uint8Array(CONTRACT_SIZE * contracts.length)
  const words = new Uint32Array(packed.buffer)
  let at = 0
  for (const { index, storageRoot, codeHash } of contracts) {
    words[at / 4] = index
    words[at / 4 + 1] = (storageRoot ? HAS_STORAGE : 0) | (codeHash ? HAS_CODE : 0)
    if (storageRoot) packed.set(storageRoot, at + 8)
    if (codeHash) packed.set(codeHash, at + 40)
    at += CONTRACT_SIZE
  }
  return packed
}

/** A contract as wasm lists it, see asm/accounts.ts: its place among the leaves, flags, storage root, code hash. */
export const CONTRACT_RECORD = {
  size: 72,
  indexAt: 0,
  flagsAt: 4,
  storageRootAt: 8,
  codeHashAt: 40,
  hasStorage: 1,
  hasCode: 2,
} as const

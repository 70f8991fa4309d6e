/**
 * What both builds of asm/ export; layouts and meaning stand above each function there. Pointers
 * are byte positions.
 */
export interface WasmExports {
  readonly memory: WebAssembly.Memory
  /** Drops all that was allocated. */
  reset(): void
  /** Room for `size` bytes; may grow the memory, which detaches every view of it. */
  alloc(size: number): number
  keccak256(table: number, count: number, digests: number): void
  verifyRange(
    root: number,
    origin: number,
    keySize: number,
    count: number,
    keys: number,
    values: number,
    offsets: number,
    proof: number,
    proofSize: number,
  ): number
  rootOf(
    stubs: number,
    stubCount: number,
    keySize: number,
    count: number,
    keys: number,
    values: number,
    offsets: number,
    root: number,
  ): number
  foldLeaves(
    stubs: number,
    stubCount: number,
    keySize: number,
    count: number,
    keys: number,
    values: number,
    offsets: number,
    folded: number,
  ): number
  branchOf(
    keySize: number,
    count: number,
    keys: number,
    values: number,
    offsets: number,
    reference: number,
  ): number
  readAccounts(fields: number, end: number, root: number, origin: number, last: number): number
  readSlots(
    fields: number,
    end: number,
    claims: number,
    count: number,
    origin: number,
    last: number,
  ): number
  storageRoots(
    count: number,
    keys: number,
    values: number,
    offsets: number,
    counts: number,
    tries: number,
    roots: number,
  ): number
  /** Where it lies what the last `readAccounts` or `readSlots` found. */
  result(): number
}

/**
 * Something that went wrong and did not stop the sync: a peer that lied, a peer without the state,
 * WebAssembly that is forbidden. Events, not exceptions.
 */
export interface Fault {
  /**
   * The `code` of the error behind it: `'RANGE_PROOF'`, `'REQUEST_TIMEOUT'`, `'WASM_BLOCKED'`, …
   */
  code: string
  message: string
  /** The peer to blame, where there is one. */
  peer?: string
}

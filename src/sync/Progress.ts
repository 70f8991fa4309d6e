/**
 * What a sync is doing.
 *
 * - `idle`: nothing was started
 * - `download`: ranges of accounts and slots, and code, are being fetched and proven
 * - `verify`: everything is in; the root is being recomputed from the stored leaves
 * - `complete`: the recomputed root equals the trusted one
 */
export type Phase = 'idle' | 'download' | 'verify' | 'complete'

/** How far a sync is; sent at most ten times a second. */
export interface Progress {
  phase: Phase
  /**
   * 0 to 1, within the phase, never falling. In `download` the part of the account key space whose accounts, storage and
   * code are all stored, so it is right again after a resume; in `verify` the part of the leaves that was hashed.
   */
  fraction: number
  /** Stored so far, in this run and the ones before it. */
  accounts: number
  slots: number
  codes: number
  /** Bytes received in snap answers in this run. */
  bytes: number
  /** Bytes received in the last seconds, per second. */
  bytesPerSecond: number
  /** Seconds that are left in this phase if it goes on as it has; `undefined` while there is too little to tell. */
  etaSeconds: number | undefined
  /** Peers that are connected. */
  peers: number
  /** Milliseconds of this run so far. */
  elapsedMs: number
}

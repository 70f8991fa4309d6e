/** What `StateSync` needs of a `Syncer`. */
export interface RootSyncer {
  /**
   * Brings the store to the complete state under `root`, 32 bytes; resolves at once if it is there
   * already.
   *
   * @throws {SyncCancelledError} when `signal` aborts, after all that was proven is stored
   */
  sync(root: Uint8Array, signal: AbortSignal): Promise<void>
}

/** What the main scenario found, for the last line of `npm run interop -- --json`. */
export interface InteropResult {
  /** What a fresh page counted on the disk. */
  accounts: number
  slots: number
  codes: number
  pivotMoves: number
  /** Whether the root that it recomputed is the one of geth's block. */
  rootMatches: boolean
  /** Whether all that was looked up in the page is what geth says. */
  samplesMatch: boolean
  /** From the start of the sync until it was paused. */
  seconds: number
}

declare module 'vitest' {
  interface TaskMeta {
    interop?: InteropResult
  }
}

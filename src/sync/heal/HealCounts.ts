import { noCounts } from '../progress/counts.ts'
import type { HealedCounts } from '../progress/Progress.ts'

/** What was healed so far, and what came without being needed. */
export interface HealCounts extends HealedCounts {
  /** Nodes and codes that had come before (geth's `…Dups`). */
  duplicates: number
  /** Nodes and codes that were not wanted (geth's `…Nops`). */
  unrequested: number
}

export function noHealCounts(): HealCounts {
  return { ...noCounts().healed, duplicates: 0, unrequested: 0 }
}

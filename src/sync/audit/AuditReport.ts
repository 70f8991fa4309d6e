import type { Hex } from '../../base/bytes/hex.ts'

/** What was found when the state was recomputed from what is stored. */
export interface AuditReport {
  /** The root recomputed from the stored accounts. */
  root: Hex
  accounts: number
  slots: number
  /** Different codes. */
  codes: number
}

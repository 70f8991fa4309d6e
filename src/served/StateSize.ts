/** How much of a state there is, or has been built. */
export interface StateSize {
  accounts: number
  /** Storage slots over all accounts. */
  slots: number
  /** Different codes. */
  codes: number
}

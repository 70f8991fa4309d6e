/** What a synthetic state looks like. */
export interface StateShape {
  /** An integer. The same seed and shape give the same state. */
  seed: number
  accounts: number
  /** Part of the accounts that are contracts: with code, and with storage. @default 0.1 */
  contracts?: number
  /**
   * Slots of the largest contract. The numbers follow a power law, as those on mainnet do: half of
   * the contracts have one, two thirds one or two, one in a thousand about a thousand. @default
   * 1000
   */
  maxSlots?: number
  /**
   * Part of the contracts that have the storage of another one: that of one of the first 256.
   * @default 0
   */
  shared?: number
  /** Different codes that the contracts share. @default 16 */
  codes?: number
  /** Bytes of the largest code; the sizes are spread evenly below. @default 2000 */
  maxCode?: number
}

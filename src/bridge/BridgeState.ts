import type { StateSource } from '../snap/StateSource.ts'
import type { Network } from '../state/networks.ts'
import type { HeadFeed } from './HeadFeed.ts'

/** A state that a bridge serves, with what a client must know about it. */
export interface BridgeState {
  source: StateSource
  /** Of a state that belongs to no known network: see `fileSource`. */
  network: Network
  /** How many there are of each: storage slots over all accounts, and different codes. */
  accounts: number
  slots: number
  codes: number
  /** Where the state changes: the chain whose newest states `source` serves, which begins with that of `network`. */
  heads?: HeadFeed
}

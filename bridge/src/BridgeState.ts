import type { Network, RawResponse, SnapRequest, StateSource } from 'cambium/server'
import type { HeadFeed } from './peers/HeadFeed.ts'

/** A state that a bridge serves, with what a client must know about it. */
export type BridgeState = HeldState | RelayedState

/** A state in the bridge's own memory. */
export interface HeldState {
  source: StateSource
  /** Of a state that belongs to no known network: see `fileSource`. */
  network: Network
  /** How many there are of each: storage slots over all accounts, and different codes. */
  accounts: number
  slots: number
  codes: number
  /**
   * Where the state changes: the chain whose newest states `source` serves, which begins with that
   * of `network`.
   */
  heads?: HeadFeed
}

/** The states of a chain, held by execution clients that the bridge asks. */
export interface RelayedState {
  relay: StateRelay
  network: Network
  heads: HeadFeed
}

/**
 * What became of a question to an execution client; `failed`: it was cut off, too late, or no
 * answer.
 */
export type UpstreamOutcome = 'answered' | 'empty' | 'failed'

/** The way to the holder of a state. */
export interface StateRelay {
  /**
   * Answers a request; the answer is empty if no upstream has one.
   * @throws {SnapRequestError} when the request is one that snap/1 does not allow
   */
  answer(request: SnapRequest): Promise<RawResponse>
  /** Told of each question to the holder of the state, and its outcome. */
  onAsked?: ((kind: SnapRequest['kind'], outcome: UpstreamOutcome) => void) | undefined
  /** How many can be asked now, and how many there are. */
  upstreams(): { connected: number; known: number }
  /** Whether anybody can be asked now, and if not, why. */
  ready(): { ready: boolean; reason?: string }
  /**
   * A client says that the answer to this request is false. Looks into it, and if that is so, asks
   * who gave it no more.
   *
   * @param answer where it is still there; else another is asked for
   * @returns whether it is so; never rejects
   */
  refute(request: SnapRequest, answer: RawResponse | undefined): Promise<boolean>
  stop(): Promise<void>
}

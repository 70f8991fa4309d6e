import type { Block } from '../../chain/Block.ts'
import type { Stall } from './Stall.ts'

/**
 * What a sync is doing.
 *
 * - `idle`: nothing was started
 * - `download`: ranges of accounts and slots, and code, are being fetched and proven
 * - `heal`: nodes of the trie are being compared with what is stored, and what differs is fetched
 * - `verify`: everything is in; the root is being recomputed from the stored leaves
 * - `complete`: the recomputed root equals the trusted one
 */
export type Phase = 'idle' | 'download' | 'heal' | 'verify' | 'complete'

/**
 * What the ranges of the download phase brought and was proven (geth's `synced…` of `eth_syncing`).
 */
export interface SyncedCounts {
  accounts: number
  accountBytes: number
  slots: number
  slotBytes: number
  codes: number
  codeBytes: number
}

/** What healing brought and was proven (geth's `healed…`). */
export interface HealedCounts {
  /** Trie nodes fetched. */
  nodes: number
  nodeBytes: number
  codes: number
  codeBytes: number
  /** Accounts that were written because of them. */
  accounts: number
  /** Their hashes and slim bodies, in bytes. */
  accountBytes: number
  /** Slots that were written because of them. */
  slots: number
  /** Their account hashes, slot hashes and values, in bytes. */
  slotBytes: number
}

/** What a sync has counted: of one run, or of all runs since the store was empty. */
export interface SyncCounts {
  synced: SyncedCounts
  healed: HealedCounts
}

/** What healing knows to be missing and has not got yet (geth's `healing…`); falls and grows. */
export interface HealingCounts {
  nodes: number
  codes: number
}

/**
 * How far a sync is; sent at most ten times a second. `synced` and `healed` count all runs since
 * the store was empty: each transaction of a sync stores them.
 */
export interface Progress extends SyncCounts {
  phase: Phase
  /**
   * 0 to 1, within the phase, never falling; a phase that a new pivot begins again begins anew. In
   * `download` the part of the account key space whose accounts, storage and code are all stored,
   * so it is right again after a resume; in `heal` the part of it that is known to equal the
   * trusted state; in `verify` the part of the leaves that was hashed.
   */
  fraction: number
  /** Stored so far, in this run and the ones before it. */
  accounts: number
  slots: number
  codes: number
  /** The part of `synced` and `healed` that this run brought. */
  thisRun: SyncCounts
  healing: HealingCounts
  /**
   * The block whose state is being synced; `undefined` before there is one, and where a fixed root
   * is synced.
   */
  pivot: Block | undefined
  /**
   * How often the pivot became another block in this run: to follow the head, or because it was
   * stale or reorged away.
   */
  pivotMoves: number
  /** Bytes received in snap answers in this run. */
  bytes: number
  /** Bytes received in the last seconds, per second. */
  bytesPerSecond: number
  /**
   * Seconds left in this phase at its present pace; `undefined` while there is too little to tell.
   */
  etaSeconds: number | undefined
  /** Peers that are connected. */
  peers: number
  /** Why nothing moves; `undefined` while something does, and while nothing has to. */
  stalled: Stall | undefined
  /** Milliseconds of this run so far. */
  elapsedMs: number
}

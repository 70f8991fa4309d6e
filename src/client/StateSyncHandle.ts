import type { Hex } from '../base/bytes/hex.ts'
import type { Block } from '../chain/Block.ts'
import type { ConnectionEvent } from '../pipes/PeerSource.ts'
import type { AccountState, Verified } from '../reads/AccountState.ts'
import type { AuditReport } from '../sync/audit/AuditReport.ts'
import type { Fault } from '../sync/peers/Fault.ts'
import type { Progress } from '../sync/progress/Progress.ts'
import type { Stall } from '../sync/progress/Stall.ts'
import type { VerifierBuild } from '../verifier/Verifier.ts'

/**
 * - `idle`: nothing runs, no state is complete
 * - `waiting`: another tab syncs this chain; this tab takes over when that one ends
 * - `syncing`: a run is on its way to the first complete state
 * - `following`: a run follows the trusted headers, and the last complete state answers meanwhile;
 *   with a fixed root, never
 * - `complete`: nothing runs, and a complete state answers: the one under the trusted root, or the
 *   last one of the stream
 * - `failed`: the last run ended with an error; `start` tries again. A stream's last complete state
 *   still answers
 * - `closed`
 */
export type SyncStatus =
  | 'idle'
  | 'waiting'
  | 'syncing'
  | 'following'
  | 'complete'
  | 'failed'
  | 'closed'

/** The events of a sync, by name, with what they carry in `detail`. */
export interface StateSyncEvents {
  progress: Progress
  /**
   * Nothing moves any more, and why; or, without `stall`, something does again. Also in
   * `progress.stalled`.
   */
  stalled: { stall: Stall | undefined }
  status: { status: SyncStatus; error?: Error }
  /** With a stream of headers: the newest block is another one. */
  head: Block
  /** With a stream of headers: this is the block whose state is synced from now on. */
  pivot: Block
  /**
   * With a stream of headers: the state of this block is complete, and answers from now on. Also
   * told of what another tab completes.
   */
  commit: Block
  connection: ConnectionEvent
  fault: Fault
  /**
   * After a heal: all that is stored of the complete state was recomputed and is right, also what
   * the heal did not touch.
   */
  audited: AuditReport
}

/** A sync of one state; see `createStateSync`. */
export interface StateSyncHandle {
  /**
   * With a fixed root, that root. With a stream of headers, the root of the last complete state,
   * which answers; `undefined` before the first.
   */
  readonly stateRoot: Hex | undefined
  /**
   * With a stream of headers: the block whose state answers; `undefined` before the first, and
   * where it is not known.
   */
  readonly block: Block | undefined
  /** With a stream of headers: the block whose state is or was synced last. */
  readonly pivot: Block | undefined
  /** With a stream of headers: the newest block that it told of. */
  readonly head: Block | undefined
  readonly status: SyncStatus
  readonly progress: Progress
  /** Which implementation proves: `'simd'`, `'plain'` or `'js'`. */
  readonly verifier: VerifierBuild
  /**
   * Starts, or resumes where the last run stopped. Resolves once the run has begun. Does nothing
   * while a run is active, or if the state under a fixed root is complete.
   * @throws {OptionsError} when the handle was made without peers
   */
  start(): Promise<void>
  /** Stops the run and its connections, and resolves when everything that was proven is stored. */
  pause(): Promise<void>
  /**
   * Resolves as soon as a complete state answers, at once where one does. Rejects with the run's
   * error where none does, or when `signal` aborts.
   */
  ready(options?: { signal?: AbortSignal }): Promise<void>
  /**
   * Reads an account of the complete state; of a stream the last one, which the answer names.
   * `value` is `undefined` where the state proves that there is none.
   * @throws {StateIncompleteError} while no state is complete
   * @throws {HexError} when `address` is not 20 bytes in hexadecimal
   */
  getAccount(address: string): Promise<Verified<AccountState | undefined>>
  /**
   * Reads a storage slot: 32 bytes, zero where it is not set. `slot`: number of the slot, as 32
   * bytes or a bigint.
   * @throws {StateIncompleteError} while no state is complete
   * @throws {HexError} when `address` or `slot` is malformed
   */
  getStorage(address: string, slot: bigint | Hex): Promise<Verified<Hex>>
  /**
   * Reads an account's code; `0x` where it has none.
   * @throws {StateIncompleteError} while no state is complete
   * @throws {HexError} when `address` is malformed
   */
  getCode(address: string): Promise<Verified<Hex>>
  /**
   * Recomputes the root, every storage root and every code hash from what is stored of the complete
   * state, and compares them with its root.
   * @throws {AuditError} when something differs, naming what; a state that was complete is `failed`
   *   then, answers nothing any more, and is fetched anew by the next `start`
   */
  audit(options?: { signal?: AbortSignal }): Promise<AuditReport>
  addEventListener<Name extends keyof StateSyncEvents>(
    name: Name,
    listener: (event: CustomEvent<StateSyncEvents[Name]>) => void,
    options?: AddEventListenerOptions,
  ): void
  removeEventListener<Name extends keyof StateSyncEvents>(
    name: Name,
    listener: (event: CustomEvent<StateSyncEvents[Name]>) => void,
  ): void
  /**
   * Stops the run and removes everything that is stored of this chain.
   * @throws {StateBusyError} while another tab is syncing it
   */
  reset(): Promise<void>
  /** Ends the run, the connections and the store; idempotent. */
  close(): Promise<void>
}

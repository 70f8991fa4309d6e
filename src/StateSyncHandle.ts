import type { Hex } from './bytes/hex.ts'
import type { AccountState, Verified } from './state/AccountState.ts'
import type { AuditReport } from './sync/AuditReport.ts'
import type { Fault } from './sync/Fault.ts'
import type { ConnectionEvent } from './sync/PeerSource.ts'
import type { Progress } from './sync/Progress.ts'
import type { VerifierBuild } from './wasm/Verifier.ts'

/**
 * - `idle`: opened, nothing running, the state is not complete
 * - `waiting`: another tab is syncing the same state; this one goes on when that one ends
 * - `syncing`
 * - `complete`: the whole state under the trusted root is stored and proven
 * - `failed`: the last run ended with an error; `start` tries again
 * - `closed`
 */
export type SyncStatus = 'idle' | 'waiting' | 'syncing' | 'complete' | 'failed' | 'closed'

/** The events of a sync, by name, with what they carry in `detail`. */
export interface StateSyncEvents {
  progress: Progress
  status: { status: SyncStatus; error?: Error }
  connection: ConnectionEvent
  fault: Fault
}

/** A sync of one state; see `createStateSync`. */
export interface StateSyncHandle {
  /** The trusted state root. */
  readonly stateRoot: Hex
  readonly status: SyncStatus
  readonly progress: Progress
  /** Which implementation proves: `'simd'`, `'plain'` or `'js'`. */
  readonly verifier: VerifierBuild
  /**
   * Starts, or goes on where the last run stopped. Resolves once the run has begun; does nothing while one runs or the state
   * is complete.
   * @throws {OptionsError} when the handle was made without peers
   */
  start(): Promise<void>
  /** Stops the run and its connections, and resolves when everything that was proven is stored. */
  pause(): Promise<void>
  /** Resolves when the state is complete; rejects with the run's error, or when `signal` aborts. */
  ready(options?: { signal?: AbortSignal }): Promise<void>
  /**
   * Reads an account of the complete state. `value` is `undefined` where the state proves that there is none.
   * @throws {StateIncompleteError} while the state is not complete
   * @throws {HexError} when `address` is not 20 bytes in hexadecimal
   */
  getAccount(address: string): Promise<Verified<AccountState | undefined>>
  /**
   * Reads a storage slot: 32 bytes, zero where it is not set. `slot`: number of the slot, as 32 bytes or a bigint.
   * @throws {StateIncompleteError} while the state is not complete
   * @throws {HexError} when `address` or `slot` is malformed
   */
  getStorage(address: string, slot: bigint | Hex): Promise<Verified<Hex>>
  /**
   * Reads an account's code; `0x` where it has none.
   * @throws {StateIncompleteError} while the state is not complete
   * @throws {HexError} when `address` is malformed
   */
  getCode(address: string): Promise<Verified<Hex>>
  /**
   * Recomputes the root, every storage root and every code hash from what is stored, and compares them with the trusted root.
   * @throws {AuditError} when something differs, naming what; a state that was complete is `failed` then, answers nothing
   *   any more, and is fetched anew by the next `start`
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

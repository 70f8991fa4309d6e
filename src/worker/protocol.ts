import { CambiumError } from '../bytes/CambiumError.ts'
import type { Hex } from '../bytes/hex.ts'
import type { AccountState, Verified } from '../state/AccountState.ts'
import type { AuditReport } from '../sync/AuditReport.ts'
import type { Fault } from '../sync/Fault.ts'
import type { Progress } from '../sync/Progress.ts'
import type { VerifierBuild } from '../wasm/Verifier.ts'

/**
 * What page and engine say to each other over one port. The page calls methods and hands over peers; the engine answers
 * each call once and tells what happens. A peer is a port of its own, over which only whole snap frames go, transferred.
 */

/** How the engine is opened; checked by the page. */
export interface EngineOptions {
  chainId: number
  genesisHash: Uint8Array
  root: Uint8Array
  storeName: string
  storeKind: 'indexeddb' | 'memory'
  verifier: VerifierBuild | undefined
}

/** The status of the engine: that of the handle without `closed`, which only the page knows. */
export type EngineStatus = 'idle' | 'waiting' | 'syncing' | 'complete' | 'failed'

/** The methods of the engine. Addresses are 20 bytes, slots 32 bytes. */
export interface EngineMethods {
  open(
    options: EngineOptions,
  ): Promise<{ verifier: VerifierBuild; status: EngineStatus; progress: Progress }>
  start(): Promise<void>
  pause(): Promise<void>
  getAccount(address: Uint8Array): Promise<Verified<AccountState | undefined>>
  getStorage(address: Uint8Array, slot: Uint8Array): Promise<Verified<Hex>>
  getCode(address: Uint8Array): Promise<Verified<Hex>>
  audit(id: number): Promise<AuditReport>
  /** Ends the audit that was begun with this id. */
  abortAudit(id: number): Promise<void>
  reset(): Promise<void>
  close(): Promise<void>
}

export type EngineMethod = keyof EngineMethods

/** All of them, so that a message can be told from one that somebody else sent. */
export const ENGINE_METHODS: readonly EngineMethod[] = [
  'open',
  'start',
  'pause',
  'getAccount',
  'getStorage',
  'getCode',
  'audit',
  'abortAudit',
  'reset',
  'close',
]

/** What the engine tells without being asked. */
export interface EngineEvents {
  progress: Progress
  status: { status: EngineStatus; error?: WireError }
  fault: Fault
}

export type PageMessage =
  | { type: 'call'; id: number; method: EngineMethod; args: unknown[] }
  | { type: 'peer'; peer: string; transport: string; port: MessagePort }

export type EngineMessage =
  | { type: 'result'; id: number; value: unknown }
  | { type: 'error'; id: number; error: WireError }
  | {
      [Name in keyof EngineEvents]: { type: 'event'; name: Name; detail: EngineEvents[Name] }
    }[keyof EngineEvents]

/** An error on its way through a port, which would lose its code. */
export interface WireError {
  code: string
  message: string
}

/** What is no error of Cambium's is a fault in it, or in the browser: its code is `'INTERNAL'`. */
export function toWire(error: unknown): WireError {
  if (error instanceof CambiumError) return { code: error.code, message: error.message }
  return { code: 'INTERNAL', message: String(error) }
}

/** An error with the same `code`, `name` and `message` as the one at the other end. */
export function fromWire({ code, message }: WireError): CambiumError {
  return new CambiumError(code, message)
}

/** The part of `MessagePort` and of a worker's global scope that both have. */
export interface MessageTarget {
  postMessage(message: unknown): void
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void
  /** A `MessagePort` delivers nothing before it was started. */
  start?(): void
}

import type { Hex } from '../base/bytes/hex.ts'
import { CambiumError } from '../base/CambiumError.ts'
import type { Block } from '../chain/Block.ts'
import type { Header } from '../chain/Header.ts'
import type { AccountState, Verified } from '../reads/AccountState.ts'
import type { AuditReport } from '../sync/audit/AuditReport.ts'
import type { Fault } from '../sync/peers/Fault.ts'
import type { Progress } from '../sync/progress/Progress.ts'
import type { VerifierBuild } from '../verifier/Verifier.ts'

/**
 * What page and engine say to each other over one port. The page calls methods, hands over peers
 * and tells of the headers that are trusted; the engine answers each call once and tells what
 * happens. A peer is a port of its own, over which only whole snap frames go, transferred.
 */

/** How the engine is opened; checked by the page. */
export interface EngineOptions {
  chainId: number
  genesisHash: Uint8Array
  /** The fixed root, 32 bytes; `undefined` where headers will come. */
  root: Uint8Array | undefined
  pivotDistance: number
  maxPivotAge: number
  storeName: string
  storeKind: 'indexeddb' | 'memory'
  verifier: VerifierBuild | undefined
}

/** The status of the engine: that of the handle without `closed`, which only the page knows. */
export type EngineStatus = 'idle' | 'waiting' | 'syncing' | 'following' | 'complete' | 'failed'

/** The complete state that answers. */
export interface Completed {
  stateRoot: Hex
  /** Where it is known whose state it is. */
  block?: Block
}

/** What there is after the opening. */
export interface Opening {
  verifier: VerifierBuild
  status: EngineStatus
  progress: Progress
  completed: Completed | undefined
}

/** The methods of the engine. Addresses are 20 bytes, slots 32 bytes. */
export interface EngineMethods {
  open(options: EngineOptions): Promise<Opening>
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
  /** Another state answers from now on, or none. */
  completed: Completed | undefined
  head: Block
  pivot: Block
  commit: Block
  fault: Fault
  audited: AuditReport
  /** The id of a worker that the engine gives nothing to prove any more: the page ends it. */
  verifierEnd: number
}

export type Emit = <Name extends keyof EngineEvents>(name: Name, detail: EngineEvents[Name]) => void

export type PageMessage =
  | { type: 'call'; id: number; method: EngineMethod; args: unknown[] }
  | { type: 'peer'; peer: string; transport: string; port: MessagePort }
  /** The next header of the trusted stream; the order of messages is that of the stream. */
  | { type: 'header'; header: Header }
  /** The stream has ended, or broken with an error. */
  | { type: 'headersEnd'; error?: WireError }
  /**
   * Another worker proves for the engine, at the other end of the port; the engine is the first of
   * them.
   */
  | { type: 'verifier'; id: number; port: MessagePort }
  /** That worker has failed. */
  | { type: 'verifierLost'; id: number; reason: string }
  /** To such a worker, which runs no engine: prove for the one at the other end of the port. */
  | { type: 'verify'; port: MessagePort; build: VerifierBuild | undefined }

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

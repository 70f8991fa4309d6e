import { bigIntToHash, KEY_SPACE } from '../base/bytes/hash32.ts'
import { fromHex, type Hex, HexError, toHex } from '../base/bytes/hex.ts'
import type { CambiumError } from '../base/CambiumError.ts'
import type { Block } from '../chain/Block.ts'
import type { Header } from '../chain/Header.ts'
import { type Completed, type EngineOptions, fromWire, type WireError } from '../engine/protocol.ts'
import { joinPipes } from '../pipes/joinPipes.ts'
import type { PeerSource } from '../pipes/PeerSource.ts'
import { portPipe } from '../pipes/portPipe.ts'
import type { AuditReport } from '../sync/audit/AuditReport.ts'
import { readHeaders } from '../sync/follow/readHeaders.ts'
import type { Progress } from '../sync/progress/Progress.ts'
import type { VerifierBuild } from '../verifier/Verifier.ts'
import { type EngineEvent, EnginePort, type EngineTarget } from './EnginePort.ts'
import { ClosedError, OptionsError } from './errors.ts'
import { linkVerifiers } from './linkVerifiers.ts'
import { RecentReads } from './RecentReads.ts'
import type { StateSyncEvents, StateSyncHandle, SyncStatus } from './StateSyncHandle.ts'
import { workerFailure } from './workerFailure.ts'

interface ClientInit {
  target: EngineTarget
  /** Further workers, which prove for the engine. */
  verifiers: readonly Worker[]
  /** Frees the other end, and ends the verifiers. */
  dispose: () => void
  /** The fixed root, or the stream of headers to follow. */
  trust: Hex | AsyncIterable<Header>
  peers: PeerSource | undefined
}

/**
 * The page's side of a sync: holds the peers, moves their bytes, and asks the engine for everything
 * else.
 */
export class StateSyncClient implements StateSyncHandle {
  readonly #trust: Hex | AsyncIterable<Header>
  readonly #events = new EventTarget()
  readonly #engine: EnginePort
  readonly #verifiers: readonly Worker[]
  readonly #dispose: () => void
  readonly #source: PeerSource | undefined
  readonly #reads = new RecentReads()
  #verifier: VerifierBuild = 'js'
  #status: SyncStatus = 'idle'
  #progress!: Progress
  #completed: Completed | undefined
  #pivot: Block | undefined
  #head: Block | undefined
  #error: Error | undefined
  /** Leaves the stream of headers; it is read once, over all runs. */
  #leaveHeaders: (() => void) | undefined
  /** What the stream broke with. */
  #streamError: CambiumError | undefined
  /** Ends the connections of the running sync. */
  #connections: AbortController | undefined
  #closing: Promise<void> | undefined
  #lastAudit = 0
  /** Events of the opening, before anybody can listen; `undefined` once they are told. */
  #early: Event[] | undefined = []

  constructor({ target, verifiers, dispose, trust, peers }: ClientInit) {
    this.#trust = trust
    this.#verifiers = verifiers
    this.#dispose = dispose
    this.#source = peers
    this.#engine = new EnginePort(target, (event) => this.#hear(event))
    // A worker whose script cannot be loaded, or that throws outside of a call, answers nothing any
    // more; nor does a port whose other end is gone.
    target.addEventListener('error', (event) => {
      this.#break(`the worker failed: ${workerFailure(event)}`)
    })
    target.addEventListener('close', () => this.#break('the other end of the port is gone'))
  }

  addEventListener<Name extends keyof StateSyncEvents>(
    name: Name,
    listener: (event: CustomEvent<StateSyncEvents[Name]>) => void,
    options?: AddEventListenerOptions,
  ): void {
    this.#events.addEventListener(name, listener as EventListener, options)
  }

  removeEventListener<Name extends keyof StateSyncEvents>(
    name: Name,
    listener: (event: CustomEvent<StateSyncEvents[Name]>) => void,
  ): void {
    this.#events.removeEventListener(name, listener as EventListener)
  }

  /** Opens the engine; called once, before anything else. */
  async open(options: EngineOptions): Promise<this> {
    linkVerifiers(this.#verifiers, this.#engine, options.verifier)
    const { verifier, status, progress, completed } = await this.#engine.call('open', options)
    this.#verifier = verifier
    this.#completed = completed
    this.#status = status
    this.#progress = progress
    // One task later, when the caller that awaited the handle has added its listeners.
    setTimeout(() => {
      const early = this.#early
      this.#early = undefined
      for (const event of early ?? []) this.#events.dispatchEvent(event)
    })
    return this
  }

  get stateRoot(): Hex | undefined {
    return typeof this.#trust === 'string' ? this.#trust : this.#completed?.stateRoot
  }

  get block(): Block | undefined {
    return this.#completed?.block
  }

  get pivot(): Block | undefined {
    return this.#pivot
  }

  get head(): Block | undefined {
    return this.#head
  }

  get status(): SyncStatus {
    return this.#status
  }

  get progress(): Progress {
    return this.#progress
  }

  get verifier(): VerifierBuild {
    return this.#verifier
  }

  async start(): Promise<void> {
    if (this.#source === undefined) {
      throw new OptionsError('start needs peers: give createStateSync the option "peers"')
    }
    const started = this.#engine.call('start')
    this.#readHeaders()
    await started
  }

  pause(): Promise<void> {
    return this.#engine.call('pause')
  }

  ready({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        if (signal?.aborted) reject(signal.reason)
        else if (this.#status === 'closed') reject(new ClosedError('close() was called'))
        else if (this.#completed !== undefined) resolve()
        else if (this.#status === 'failed') reject(this.#error)
        else return
        for (const name of ['status', 'commit']) this.#events.removeEventListener(name, settle)
        signal?.removeEventListener('abort', settle)
      }
      for (const name of ['status', 'commit']) this.#events.addEventListener(name, settle)
      signal?.addEventListener('abort', settle)
      settle()
    })
  }

  async getAccount(address: string) {
    const account = fromHex(address, 'address', 20)
    return this.#reads.ask(`account ${toHex(account)}`, () => {
      return this.#engine.call('getAccount', account)
    })
  }

  async getStorage(address: string, slot: bigint | Hex) {
    const account = fromHex(address, 'address', 20)
    const key = slotKey(slot)
    return this.#reads.ask(`slot ${toHex(account)} ${toHex(key)}`, () => {
      return this.#engine.call('getStorage', account, key)
    })
  }

  async getCode(address: string) {
    const account = fromHex(address, 'address', 20)
    return this.#reads.ask(`code ${toHex(account)}`, () => this.#engine.call('getCode', account))
  }

  async audit({ signal }: { signal?: AbortSignal } = {}): Promise<AuditReport> {
    signal?.throwIfAborted()
    const id = ++this.#lastAudit
    // Where the engine is gone, the audit has rejected already.
    const abort = () => void this.#engine.call('abortAudit', id).catch(() => {})
    signal?.addEventListener('abort', abort)
    try {
      return await this.#engine.call('audit', id)
    } finally {
      signal?.removeEventListener('abort', abort)
      signal?.throwIfAborted()
    }
  }

  reset(): Promise<void> {
    return this.#engine.call('reset')
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      this.#connections?.abort()
      this.#leaveHeaders?.()
      try {
        await this.#engine.call('close')
      } catch (error) {
        // A worker that failed has nothing left to close.
        if (!(error instanceof ClosedError)) throw error
      } finally {
        this.#setStatus('closed')
        this.#engine.break(new ClosedError('close() was called'))
        this.#dispose()
      }
    })()
    return this.#closing
  }

  #hear(event: EngineEvent): void {
    switch (event.name) {
      case 'status':
        this.#setStatus(event.detail.status, this.#received(event.detail.error))
        return
      case 'completed':
        this.#completed = event.detail
        this.#reads.forget()
        return
      case 'verifierEnd':
        // The engine is the first of the workers.
        this.#verifiers[event.detail - 2]?.terminate()
        return
      case 'progress':
        this.#advance(event.detail)
        return
      case 'pivot':
        this.#pivot = event.detail
        break
      case 'head':
        this.#head = event.detail
    }
    this.#tell(event.name, event.detail)
  }

  #advance(progress: Progress): void {
    const { stalled } = this.#progress
    this.#progress = progress
    this.#tell('progress', progress)
    const stall = progress.stalled
    if (stall?.reason !== stalled?.reason) this.#tell('stalled', { stall })
  }

  /** An error of the engine's; what the page told it of the stream comes back as it was. */
  #received(error: WireError | undefined): Error | undefined {
    const streamError = this.#streamError
    const same = error && streamError?.code === error.code && streamError.message === error.message
    return same ? streamError : error && fromWire(error)
  }

  #readHeaders(): void {
    if (typeof this.#trust === 'string' || this.#closing !== undefined) return
    this.#leaveHeaders ??= readHeaders(this.#trust, {
      header: (header) => this.#engine.header(header),
      end: () => this.#engine.endHeaders(),
      broken: (error) => {
        this.#streamError = error
        this.#engine.endHeaders(error)
      },
    })
  }

  #break(reason: string): void {
    const error = new ClosedError(reason)
    this.#completed = undefined
    this.#leaveHeaders?.()
    this.#engine.break(error)
    this.#dispose()
    this.#setStatus('failed', error)
  }

  #setStatus(status: SyncStatus, error?: Error): void {
    if (this.#status === 'closed') return
    this.#status = status
    this.#error = error
    this.#reads.forget()
    this.#tell('status', error === undefined ? { status } : { status, error })
    if (status !== 'syncing' && status !== 'following') this.#connections?.abort()
    else if (this.#connections?.signal.aborted ?? true) void this.#connect()
  }

  /** Moves bytes between every peer and the engine until the run ends; decodes nothing. */
  async #connect(): Promise<void> {
    this.#connections = new AbortController()
    const { signal } = this.#connections
    try {
      const onEvent = (event: StateSyncEvents['connection']) => this.#tell('connection', event)
      for await (const pipe of this.#source!({ signal, onEvent })) {
        if (signal.aborted) {
          pipe.close()
          continue
        }
        const { port1, port2 } = new MessageChannel()
        this.#engine.join(pipe.peer, pipe.transport, port2)
        void joinPipes(pipe, portPipe(port1, { peer: pipe.peer, transport: pipe.transport }))
      }
    } catch (error) {
      if (!signal.aborted) this.#tell('fault', { code: 'PEER_SOURCE', message: String(error) })
    }
  }

  #tell<Name extends keyof StateSyncEvents>(name: Name, detail: StateSyncEvents[Name]): void {
    const event = new CustomEvent(name, { detail })
    if (this.#early === undefined) this.#events.dispatchEvent(event)
    else this.#early.push(event)
  }
}

/** @throws {HexError} when it is not 32 bytes */
function slotKey(slot: bigint | Hex): Uint8Array {
  if (typeof slot !== 'bigint') return fromHex(slot, 'slot', 32)
  if (slot < 0n || slot >= KEY_SPACE) throw new HexError('slot', 'a number of 256 bits', slot)
  return bigIntToHash(slot)
}

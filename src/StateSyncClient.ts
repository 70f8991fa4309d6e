import { bigIntToHash, KEY_SPACE } from './bytes/hash32.ts'
import { fromHex, type Hex, HexError } from './bytes/hex.ts'
import { ClosedError } from './ClosedError.ts'
import { type EngineEvent, EnginePort, type EngineTarget } from './EnginePort.ts'
import { OptionsError } from './OptionsError.ts'
import type { StateSyncEvents, StateSyncHandle, SyncStatus } from './StateSyncHandle.ts'
import { joinPipes } from './snap/joinPipes.ts'
import { portPipe } from './snap/portPipe.ts'
import type { AuditReport } from './sync/AuditReport.ts'
import type { PeerSource } from './sync/PeerSource.ts'
import type { Progress } from './sync/Progress.ts'
import type { VerifierBuild } from './wasm/Verifier.ts'
import { type EngineOptions, fromWire } from './worker/protocol.ts'

interface ClientInit {
  target: EngineTarget
  /** Frees the other end. */
  dispose: () => void
  stateRoot: Hex
  peers: PeerSource | undefined
}

/** The page's side of a sync: holds the peers, moves their bytes, and asks the engine for everything else. */
export class StateSyncClient implements StateSyncHandle {
  readonly stateRoot: Hex
  readonly #events = new EventTarget()
  readonly #engine: EnginePort
  readonly #dispose: () => void
  readonly #source: PeerSource | undefined
  #verifier: VerifierBuild = 'js'
  #status: SyncStatus = 'idle'
  #progress!: Progress
  #error: Error | undefined
  /** Ends the connections of the running sync. */
  #connections: AbortController | undefined
  #closing: Promise<void> | undefined
  #lastAudit = 0
  /** Events of the opening, before anybody can listen; `undefined` once they are told. */
  #early: Event[] | undefined = []

  constructor({ target, dispose, stateRoot, peers }: ClientInit) {
    this.stateRoot = stateRoot
    this.#dispose = dispose
    this.#source = peers
    this.#engine = new EnginePort(target, (event) => this.#hear(event))
    // A worker whose script cannot be loaded, or that throws outside of a call, answers nothing any more; nor does a port
    // whose other end is gone.
    target.addEventListener('error', (event) => {
      const { message = 'its script could not be loaded' } = event as unknown as ErrorEvent
      this.#break(`the worker failed: ${message}`)
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
    const { verifier, status, progress } = await this.#engine.call('open', options)
    this.#verifier = verifier
    this.#status = status
    this.#progress = progress
    // A task later: whoever awaits the handle has added listeners by then.
    setTimeout(() => {
      const early = this.#early
      this.#early = undefined
      for (const event of early ?? []) this.#events.dispatchEvent(event)
    })
    return this
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
    await this.#engine.call('start')
  }

  pause(): Promise<void> {
    return this.#engine.call('pause')
  }

  ready({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = () => {
        if (signal?.aborted) reject(signal.reason)
        else if (this.#status === 'complete') resolve()
        else if (this.#status === 'failed') reject(this.#error)
        else if (this.#status === 'closed') reject(new ClosedError('close() was called'))
        else return
        this.#events.removeEventListener('status', settle)
        signal?.removeEventListener('abort', settle)
      }
      this.#events.addEventListener('status', settle)
      signal?.addEventListener('abort', settle)
      settle()
    })
  }

  async getAccount(address: string) {
    return this.#engine.call('getAccount', fromHex(address, 'address', 20))
  }

  async getStorage(address: string, slot: bigint | Hex) {
    return this.#engine.call('getStorage', fromHex(address, 'address', 20), slotKey(slot))
  }

  async getCode(address: string) {
    return this.#engine.call('getCode', fromHex(address, 'address', 20))
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
    if (event.name === 'progress') this.#progress = event.detail
    if (event.name === 'status') {
      const { status, error } = event.detail
      this.#setStatus(status, error && fromWire(error))
    } else this.#tell(event.name, event.detail)
  }

  #break(reason: string): void {
    const error = new ClosedError(reason)
    this.#engine.break(error)
    this.#setStatus('failed', error)
  }

  #setStatus(status: SyncStatus, error?: Error): void {
    if (this.#status === 'closed') return
    this.#status = status
    this.#error = error
    this.#tell('status', error === undefined ? { status } : { status, error })
    if (status === 'syncing') void this.#connect()
    else this.#connections?.abort()
  }

  /** Moves bytes between every peer and the engine until the sync ends; decodes nothing. */
  async #connect(): Promise<void> {
    this.#connections?.abort()
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

import { compareBytes } from '../bytes/compareBytes.ts'
import { toHex } from '../bytes/hex.ts'
import type { FramePipe } from '../snap/FramePipe.ts'
import { StateBusyError } from '../state/StateBusyError.ts'
import { StateIncompleteError } from '../state/StateIncompleteError.ts'
import { StateReader } from '../state/StateReader.ts'
import { databaseName } from '../store/databaseName.ts'
import { StoreClosedError } from '../store/errors/StoreClosedError.ts'
import { StoreCorruptError } from '../store/errors/StoreCorruptError.ts'
import { openIndexedDbStore } from '../store/IndexedDbStore.ts'
import { openMemoryStore } from '../store/MemoryStore.ts'
import type { StateStore } from '../store/StateStore.ts'
import { AuditError } from '../sync/AuditError.ts'
import type { AuditReport } from '../sync/AuditReport.ts'
import { audit } from '../sync/audit.ts'
import type { Fault } from '../sync/Fault.ts'
import { PeerPool } from '../sync/PeerPool.ts'
import type { Progress } from '../sync/Progress.ts'
import { idleProgress, ProgressMeter } from '../sync/ProgressMeter.ts'
import { StateSync } from '../sync/StateSync.ts'
import { Syncer } from '../sync/Syncer.ts'
import { createVerifier } from '../trie/createVerifier.ts'
import type { Verifier } from '../wasm/Verifier.ts'
import { EngineOpenError } from './EngineOpenError.ts'
import {
  type EngineEvents,
  type EngineMethods,
  type EngineOptions,
  type EngineStatus,
  toWire,
} from './protocol.ts'
import { StateLock } from './StateLock.ts'

type Emit = <Name extends keyof EngineEvents>(name: Name, detail: EngineEvents[Name]) => void

/** What `open` makes. */
interface Opened {
  root: Uint8Array
  verifier: Verifier
  lock: StateLock
  openStore: () => Promise<StateStore>
  /** `undefined` once somebody else closed it: deleted, or upgraded by another tab. */
  store: StateStore | undefined
}

/**
 * Everything but the peers: verifier, store, sync and reads of one state, behind the methods of the protocol.
 *
 * `start`, `pause`, `reset` and `close` take turns, in the order in which they were called.
 */
export class Engine implements EngineMethods {
  readonly #emit: Emit
  readonly #audits = new Map<number, AbortController>()
  #opening = false
  #opened: Opened | undefined
  #status: EngineStatus = 'idle'
  #turn: Promise<unknown> = Promise.resolve()
  #run: { done: Promise<void>; stop(): void; pool: PeerPool } | undefined

  constructor(emit: Emit) {
    this.#emit = emit
  }

  async open(options: EngineOptions): ReturnType<EngineMethods['open']> {
    if (this.#opening) throw new EngineOpenError('this worker or port holds a state already')
    this.#opening = true
    try {
      return await this.#open(options)
    } catch (error) {
      this.#opening = false
      throw error
    }
  }

  async #open(options: EngineOptions): ReturnType<EngineMethods['open']> {
    const { chainId, genesisHash, root, storeName, storeKind } = options
    const verifier = await createVerifier({
      ...(options.verifier === undefined ? {} : { build: options.verifier }),
      onBlocked: ({ code, message }) => this.#emit('fault', { code, message }),
    })
    const identity = { chainId, genesisHash }
    const onDisk = storeKind === 'indexeddb'
    const openStore = () =>
      onDisk ? openIndexedDbStore({ identity, name: storeName }) : openMemoryStore()
    const lock = new StateLock(onDisk ? databaseName(identity, storeName) : undefined)
    const store = await openStore()
    this.#opened = { root, verifier, lock, openStore, store }
    const progress = await this.#found(store, root)
    return { verifier: verifier.build, status: this.#status, progress }
  }

  /** Looks at what is stored, and sets the status by it. */
  async #found(store: StateStore, root: Uint8Array): Promise<Progress> {
    try {
      const completion = await store.completion()
      const complete = completion !== undefined && compareBytes(completion.root, root) === 0
      const view = complete ? store.completed : store.working
      const progress = { ...idleProgress(), ...(await view.totals()), bytes: 0 }
      if (!complete) return progress
      this.#status = 'complete'
      return { ...progress, phase: 'complete', fraction: 1 }
    } catch (error) {
      // The handle must exist, for `reset` is the way out.
      if (!(error instanceof StoreCorruptError)) throw error
      this.#setStatus('failed', error)
      return idleProgress()
    }
  }

  start(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#run !== undefined) return
      const opened = this.#need()
      opened.store ??= await opened.openStore()
      if (this.#status === 'complete' && (await this.#epoch()) !== undefined) return
      const stopped = new AbortController()
      const pool = new PeerPool({ onFault: (fault) => this.#emit('fault', fault) })
      const sync = () => this.#sync(opened, pool, stopped.signal)
      await new Promise<void>((begun) => {
        const done = this.#locked(opened.lock, stopped.signal, begun, sync)
          .then(
            () => this.#setStatus('complete'),
            (error) => {
              if (stopped.signal.aborted) this.#setStatus('idle')
              else this.#failed(error)
            },
          )
          .finally(() => {
            this.#run = undefined
            pool.close()
            begun()
          })
        this.#run = { done, stop: () => stopped.abort(), pool }
      })
    })
  }

  /** `begun` is called once it runs, or waits for another tab that does. */
  async #locked(
    lock: StateLock,
    signal: AbortSignal,
    begun: () => void,
    sync: () => Promise<void>,
  ): Promise<void> {
    const run = () => {
      const running = sync()
      begun()
      return running
    }
    if (await lock.try(run)) return
    this.#setStatus('waiting')
    begun()
    await lock.wait(signal, run)
  }

  async #sync(
    { root, verifier, store }: Opened,
    pool: PeerPool,
    signal: AbortSignal,
  ): Promise<void> {
    const now = () => performance.now()
    const meter = new ProgressMeter((progress) => this.#emit('progress', progress), now)
    const onFault = (fault: Fault) => this.#emit('fault', fault)
    const syncer = new Syncer({ store: store!, verifier, pool, meter, onFault })
    this.#setStatus('syncing')
    const sync = new StateSync(syncer, root, signal)
    await sync.run()
    await sync.wait()
  }

  #setStatus(status: EngineStatus, error?: unknown): void {
    this.#status = status
    this.#emit('status', error === undefined ? { status } : { status, error: toWire(error) })
  }

  #failed(error: unknown): void {
    // Whatever is asked next opens it again.
    if (error instanceof StoreClosedError && this.#opened !== undefined)
      this.#opened.store = undefined
    this.#setStatus('failed', error)
  }

  /** Takes a connection that the page made. */
  join(pipe: FramePipe): void {
    if (this.#run === undefined || this.#status !== 'syncing') pipe.close()
    else this.#run.pool.add(pipe)
  }

  pause(): Promise<void> {
    return this.#inTurn(() => this.#stop())
  }

  async #stop(): Promise<void> {
    this.#run?.stop()
    await this.#run?.done
  }

  getAccount(address: Uint8Array): ReturnType<EngineMethods['getAccount']> {
    return this.#read((reader) => reader.account(address))
  }

  getStorage(address: Uint8Array, slot: Uint8Array): ReturnType<EngineMethods['getStorage']> {
    return this.#read((reader) => reader.storage(address, slot))
  }

  getCode(address: Uint8Array): ReturnType<EngineMethods['getCode']> {
    return this.#read((reader) => reader.code(address))
  }

  /**
   * Invariant 3: only a complete state answers. Another tab may replace or remove what is stored at any time, so the
   * journal is asked before and after.
   */
  async #read<Value>(read: (reader: StateReader) => Promise<Value>) {
    const stateRoot = toHex(this.#need().root)
    return this.#whileComplete(async (store, verifier) => {
      return { value: await read(new StateReader(store.completed, verifier)), stateRoot }
    })
  }

  /**
   * Does something with the complete state, again where it was completed anew meanwhile.
   * @throws {StateIncompleteError} when the state is not complete, before or after
   */
  async #whileComplete<Value>(
    use: (store: StateStore, verifier: Verifier, epoch: number) => Promise<Value>,
  ): Promise<Value> {
    const opened = this.#need()
    try {
      opened.store ??= await opened.openStore()
      for (;;) {
        const epoch = await this.#epoch()
        if (epoch === undefined) throw new StateIncompleteError(toHex(opened.root))
        // What it fails of counts as little as what it returns, where the state has changed.
        const outcome = await use(opened.store, opened.verifier, epoch).then(
          (value) => () => value,
          (error) => () => {
            throw error
          },
        )
        if ((await this.#epoch()) === epoch) return outcome()
      }
    } catch (error) {
      if (error instanceof StoreClosedError && this.#run === undefined) this.#failed(error)
      throw error
    }
  }

  /** Names the completion of the stored state; `undefined` where it is not complete. */
  async #epoch(): Promise<number | undefined> {
    const { root, store } = this.#need()
    const completion = await store!.completion()
    if (completion && compareBytes(completion.root, root) === 0) return completion.epoch
    if (this.#status === 'complete') this.#setStatus('idle')
    return undefined
  }

  async audit(id: number): Promise<AuditReport> {
    const { root } = this.#need()
    const controller = new AbortController()
    const { signal } = controller
    this.#audits.set(id, controller)
    let audited: number | undefined
    try {
      return await this.#whileComplete((store, verifier, epoch) => {
        audited = epoch
        return audit(store.completed, verifier, root, { signal })
      })
    } catch (error) {
      if (error instanceof AuditError) await this.#withdraw(audited, error)
      throw error
    } finally {
      this.#audits.delete(id)
    }
  }

  /** A complete state that does not hold answers nothing any more; the next start fetches it anew. */
  async #withdraw(epoch: number | undefined, error: AuditError): Promise<void> {
    const { lock, store } = this.#need()
    await lock.try(async () => {
      if ((await this.#epoch()) !== epoch) return
      await store!.clear()
      this.#setStatus('failed', error)
    })
  }

  async abortAudit(id: number): Promise<void> {
    this.#audits.get(id)?.abort()
  }

  reset(): Promise<void> {
    return this.#inTurn(async () => {
      const opened = this.#need()
      await this.#stop()
      opened.store ??= await opened.openStore()
      const { lock, store } = opened
      if (!(await lock.try(() => store.clear()))) throw new StateBusyError()
      this.#setStatus('idle')
      this.#emit('progress', idleProgress())
    })
  }

  close(): Promise<void> {
    for (const audit of this.#audits.values()) audit.abort()
    this.#run?.stop()
    return this.#inTurn(async () => {
      await this.#stop()
      await this.#opened?.store?.close()
    })
  }

  #inTurn<Value>(command: () => Promise<Value>): Promise<Value> {
    const done = this.#turn.then(command)
    this.#turn = done.catch(() => {})
    return done
  }

  #need(): Opened {
    if (this.#opened === undefined) throw new EngineOpenError('no state was opened yet')
    return this.#opened
  }
}

import type { CambiumError } from '../bytes/CambiumError.ts'
import { compareBytes } from '../bytes/compareBytes.ts'
import { toHex } from '../bytes/hex.ts'
import type { FramePipe } from '../snap/FramePipe.ts'
import { StateBusyError } from '../state/StateBusyError.ts'
import { StateIncompleteError } from '../state/StateIncompleteError.ts'
import { StateReader } from '../state/StateReader.ts'
import { databaseName } from '../store/databaseName.ts'
import { StoreClosedError } from '../store/errors/StoreClosedError.ts'
import { openIndexedDbStore } from '../store/IndexedDbStore.ts'
import { openMemoryStore } from '../store/MemoryStore.ts'
import type { StateStore } from '../store/StateStore.ts'
import { AuditError } from '../sync/AuditError.ts'
import { audit } from '../sync/audit.ts'
import { EventQueue } from '../sync/EventQueue.ts'
import { readJournal, restartRecords } from '../sync/Journal.ts'
import type { Progress } from '../sync/Progress.ts'
import { idleProgress } from '../sync/ProgressMeter.ts'
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

type Emit = <Name extends keyof EngineEvents>(name: Name, detail: EngineEvents[Name]) => void

/** What `open` makes. */
interface Opened {
  root: Uint8Array
  lockName: string | undefined
  openStore: () => Promise<StateStore>
  store: StateStore
  verifier: Verifier
  reader: StateReader
}

/** Everything but the peers: verifier, store, sync and reads of one state, behind the methods of the protocol. */
export class Engine implements EngineMethods {
  readonly #emit: Emit
  readonly #audits = new Map<number, AbortController>()
  #opening = false
  #opened: Opened | undefined
  #status: EngineStatus = 'idle'
  /** Whether somebody else closed the store in the last run. */
  #storeLost = false
  #run: { done: Promise<void>; stop(): void; pipes: EventQueue<FramePipe> } | undefined

  constructor(emit: Emit) {
    this.#emit = emit
  }

  async open(options: EngineOptions): ReturnType<EngineMethods['open']> {
    const { chainId, genesisHash, root, storeName, storeKind } = options
    if (this.#opening) throw new EngineOpenError('this worker or port holds a state already')
    this.#opening = true
    const verifier = await createVerifier({
      ...(options.verifier === undefined ? {} : { build: options.verifier }),
      onBlocked: (error: CambiumError) =>
        this.#emit('fault', { code: error.code, message: error.message }),
    })
    const identity = { chainId, genesisHash }
    const onDisk = storeKind === 'indexeddb'
    const openStore = () =>
      onDisk ? openIndexedDbStore({ identity, name: storeName }) : openMemoryStore()
    const store = await openStore()
    const lockName = onDisk ? databaseName(identity, storeName) : undefined
    const reader = new StateReader(store, verifier)
    this.#opened = { root, lockName, openStore, store, verifier, reader }

    const journal = readJournal(await store.journal())
    const same = journal.root !== undefined && compareBytes(journal.root, root) === 0
    this.#status = same && journal.epoch !== undefined ? 'complete' : 'idle'
    const totals = same ? await store.totals() : {}
    const progress: Progress = { ...idleProgress(), ...totals, bytes: 0 }
    if (this.#status === 'complete') Object.assign(progress, { phase: 'complete', fraction: 1 })
    return { verifier: verifier.build, status: this.#status, progress }
  }

  async start(): Promise<void> {
    const opened = this.#need()
    if (this.#run !== undefined || this.#status === 'complete') return
    const stopped = new AbortController()
    const pipes = new EventQueue<FramePipe>()
    await new Promise<void>((begun) => {
      const done = this.#locked(opened, stopped.signal, begun, () =>
        this.#sync(opened, arrivals(pipes), stopped.signal),
      )
        .catch((error) => {
          this.#storeLost = error instanceof StoreClosedError
          if (stopped.signal.aborted) this.#setStatus('idle')
          else this.#setStatus('failed', error)
        })
        .finally(() => {
          this.#run = undefined
          begun()
        })
      this.#run = { done, stop: () => stopped.abort(), pipes }
    })
  }

  /** Two tabs that sync one state would fetch everything twice: the second waits. `begun`: called once it does, or runs. */
  async #locked(
    { lockName }: Opened,
    signal: AbortSignal,
    begun: () => void,
    sync: () => Promise<void>,
  ): Promise<void> {
    const run = () => {
      const running = sync()
      begun()
      return running
    }
    const locks = globalThis.navigator?.locks
    if (lockName === undefined || locks === undefined) return run()
    const free = await locks.request(lockName, { ifAvailable: true }, async (lock) => {
      if (lock !== null) await run()
      return lock !== null
    })
    if (free) return
    this.#setStatus('waiting')
    begun()
    await locks.request(lockName, { signal }, run)
  }

  async #sync(opened: Opened, peers: AsyncIterable<FramePipe>, signal: AbortSignal): Promise<void> {
    // The one that was closed under the last run would fail this one too.
    if (this.#storeLost) {
      opened.store = await opened.openStore()
      opened.reader = new StateReader(opened.store, opened.verifier)
      this.#storeLost = false
    }
    const syncer = new Syncer({
      store: opened.store,
      verifier: opened.verifier,
      onProgress: (progress) => this.#emit('progress', progress),
      onFault: (fault) => this.#emit('fault', fault),
    })
    this.#setStatus('syncing')
    const sync = new StateSync(syncer, opened.root, peers)
    const cancel = () => void sync.cancel()
    signal.addEventListener('abort', cancel)
    if (signal.aborted) cancel()
    await sync.done
    if (sync.err !== undefined) throw sync.err
    this.#setStatus('complete')
  }

  #setStatus(status: EngineStatus, error?: unknown): void {
    this.#status = status
    this.#emit('status', error === undefined ? { status } : { status, error: toWire(error) })
  }

  /** Takes a connection that the page made. */
  join(pipe: FramePipe): void {
    if (this.#run === undefined || this.#status !== 'syncing') pipe.close()
    else this.#run.pipes.push(pipe)
  }

  async pause(): Promise<void> {
    this.#run?.stop()
    await this.#run?.done
  }

  async getAccount(address: Uint8Array): ReturnType<EngineMethods['getAccount']> {
    return this.#read((reader) => reader.account(address))
  }

  async getStorage(address: Uint8Array, slot: Uint8Array): ReturnType<EngineMethods['getStorage']> {
    return this.#read((reader) => reader.storage(address, slot))
  }

  async getCode(address: Uint8Array): ReturnType<EngineMethods['getCode']> {
    return this.#read((reader) => reader.code(address))
  }

  /**
   * Invariant 3: only a complete state answers. Another tab may replace or remove what is stored at any time, so the
   * journal is asked before and after.
   */
  async #read<Value>(read: (reader: StateReader) => Promise<Value>) {
    const { reader, root } = this.#need()
    for (;;) {
      const epoch = await this.#epoch()
      const value = await read(reader)
      if ((await this.#epoch()) === epoch) return { value, stateRoot: toHex(root) }
    }
  }

  /** Names the completion of the stored state. */
  async #epoch(): Promise<string> {
    const { root, store } = this.#need()
    const journal = readJournal(await store.journal())
    const same = journal.root !== undefined && compareBytes(journal.root, root) === 0
    if (same && journal.epoch !== undefined) return journal.epoch
    if (this.#status === 'complete') this.#setStatus('idle')
    throw new StateIncompleteError(toHex(root))
  }

  async audit(id: number): ReturnType<EngineMethods['audit']> {
    const { store, verifier, root } = this.#need()
    const controller = new AbortController()
    this.#audits.set(id, controller)
    try {
      return await audit(store, verifier, root, { signal: controller.signal })
    } catch (error) {
      // A complete state that does not hold answers nothing any more; the next start fetches it anew.
      if (error instanceof AuditError && this.#status === 'complete') {
        await store.commit({ journal: restartRecords() })
        this.#setStatus('failed', error)
      }
      throw error
    } finally {
      this.#audits.delete(id)
    }
  }

  async abortAudit(id: number): Promise<void> {
    this.#audits.get(id)?.abort()
  }

  async reset(): Promise<void> {
    const { store, lockName } = this.#need()
    await this.pause()
    const locks = lockName === undefined ? undefined : globalThis.navigator?.locks
    if (locks === undefined) await store.clear()
    else {
      await locks.request(lockName!, { ifAvailable: true }, (lock) => {
        if (lock === null) throw new StateBusyError()
        return store.clear()
      })
    }
    this.#setStatus('idle')
    this.#emit('progress', idleProgress())
  }

  async close(): Promise<void> {
    for (const audit of this.#audits.values()) audit.abort()
    await this.pause()
    await this.#opened?.store.close()
  }

  #need(): Opened {
    if (this.#opened === undefined) throw new EngineOpenError('no state was opened yet')
    return this.#opened
  }
}

/**
 * Connections as they come, without an end: who reads them closes those that come too late. Not a `ReadableStream`:
 * Chromium 156 crashes where its iterator is asked for more after it was returned.
 */
function arrivals(pipes: EventQueue<FramePipe>): AsyncIterable<FramePipe> {
  const next = async () => ({ value: await pipes.next() })
  return { [Symbol.asyncIterator]: () => ({ next }) }
}

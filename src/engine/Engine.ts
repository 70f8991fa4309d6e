import type { CambiumError } from '../base/CambiumError.ts'
import type { Block } from '../chain/Block.ts'
import type { Header } from '../chain/Header.ts'
import { toBlock } from '../chain/toBlock.ts'
import type { FramePipe } from '../pipes/FramePipe.ts'
import type { Verified } from '../reads/AccountState.ts'
import { StateBusyError } from '../reads/errors.ts'
import type { StateReader } from '../reads/StateReader.ts'
import type { VerifierPool } from '../snap/verify/pool/VerifierPool.ts'
import { StoreClosedError, StoreCorruptError, StoreLostError } from '../store/errors.ts'
import type { Completion, StateStore } from '../store/StateStore.ts'
import type { AuditReport } from '../sync/audit/AuditReport.ts'
import { AuditError } from '../sync/audit/errors.ts'
import { HeaderLog } from '../sync/follow/HeaderLog.ts'
import { PeerPool } from '../sync/peers/PeerPool.ts'
import type { Progress } from '../sync/progress/Progress.ts'
import { idleProgress } from '../sync/progress/ProgressMeter.ts'
import { stall, type Wait } from '../sync/progress/Stall.ts'
import { createVerifier } from '../verifier/createVerifier.ts'
import type { Verifier } from '../verifier/Verifier.ts'
import { Audits } from './audits/Audits.ts'
import { IdleAudit } from './audits/IdleAudit.ts'
import { EngineOpenError } from './errors.ts'
import {
  type Completed,
  type Emit,
  type EngineMethods,
  type EngineOptions,
  type EngineStatus,
  fromWire,
  type Opening,
  toWire,
  type WireError,
} from './protocol.ts'
import { CompletedState } from './state/CompletedState.ts'
import { StoreSlot } from './state/StoreSlot.ts'
import { storedProgress } from './state/storedProgress.ts'
import { storePlace } from './state/storePlace.ts'
import { syncRun } from './syncRun.ts'
import { CommitChannel } from './tabs/CommitChannel.ts'
import { StateLock } from './tabs/StateLock.ts'

/** What `open` makes. */
interface Opened {
  options: EngineOptions
  verifier: Verifier
  lock: StateLock
  channel: CommitChannel
  state: CompletedState
  headers: HeaderLog
  store: StoreSlot
}

/**
 * Everything but the peers: verifier, store, sync and reads of one chain's state, behind the
 * methods of the protocol.
 *
 * `start`, `pause`, `reset` and `close` take turns, in the order in which they were called.
 */
export class Engine implements EngineMethods {
  readonly #emit: Emit
  readonly #verifierPool: VerifierPool
  readonly #audits = new Audits()
  readonly #idleAudit = new IdleAudit()
  #opening = false
  #opened: Opened | undefined
  #status: EngineStatus = 'idle'
  #turn: Promise<unknown> = Promise.resolve()
  #withdrawing: Promise<void> | undefined
  /** Whether the app wants a run: what the browser loses is fetched again. */
  #wanted = false
  #run: { done: Promise<void>; stop(): void; pool: PeerPool } | undefined

  /** @param verifierPool the verifiers in other threads; closed with the engine */
  constructor(emit: Emit, verifierPool: VerifierPool) {
    this.#emit = emit
    this.#verifierPool = verifierPool
  }

  async open(options: EngineOptions): Promise<Opening> {
    if (this.#opening) throw new EngineOpenError('this worker or port holds a state already')
    this.#opening = true
    try {
      return await this.#open(options)
    } catch (error) {
      this.#opening = false
      this.#opened?.channel.close()
      throw error
    }
  }

  async #open(options: EngineOptions): Promise<Opening> {
    const { root } = options
    const onFault = ({ code, message }: CambiumError) => this.#emit('fault', { code, message })
    const verifier = await createVerifier({
      ...(options.verifier === undefined ? {} : { build: options.verifier }),
      onBlocked: onFault,
    })
    const onMissing = (missing: string) => {
      this.#emit('fault', { code: 'PLATFORM', message: `this page has no ${missing}` })
    }
    const { sharedName, open } = storePlace(options, verifier, onFault)
    const store = new StoreSlot(open)
    await store.get()
    let isOpen = false
    const state = new CompletedState({
      root,
      verifier,
      store: () => store.get(),
      // What is found first, the opening returns.
      onChange: (completed) => isOpen && this.#answers(completed),
    })
    this.#opened = {
      options,
      verifier,
      lock: new StateLock(sharedName, onMissing),
      channel: new CommitChannel(
        sharedName,
        (block) => void this.#committedElsewhere(block),
        onMissing,
      ),
      state,
      headers: new HeaderLog(options.maxPivotAge + options.pivotDistance),
      store,
    }
    const progress = await this.#found(await store.get(), state)
    isOpen = true
    return { verifier: verifier.build, status: this.#status, progress, completed: state.current }
  }

  /** Looks at what is stored, and sets the status by it. */
  async #found(store: StateStore, state: CompletedState): Promise<Progress> {
    try {
      const complete = (await state.look()) !== undefined
      if (complete) this.#status = 'complete'
      return await storedProgress(store, complete)
    } catch (error) {
      // The handle must exist, for `reset` is the way out.
      if (!(error instanceof StoreCorruptError)) throw error
      this.#setStatus('failed', error)
      return idleProgress()
    }
  }

  start(): Promise<void> {
    this.#wanted = true
    return this.#inTurn(async () => {
      if (this.#run !== undefined) return
      const opened = this.#need()
      const { root } = opened.options
      await opened.store.get()
      if (root && this.#status === 'complete' && (await opened.state.look())) return
      const stopped = new AbortController()
      const { signal } = stopped
      const pool = new PeerPool({ onFault: (fault) => this.#emit('fault', fault) })
      // Resolves once it runs, or waits for another tab that does.
      await new Promise<void>((begun) => {
        let waited = false
        const sync = () => {
          waited = false
          const running = this.#sync(opened, pool, signal)
          begun()
          return running
        }
        const onWaiting = () => {
          waited = true
          this.#setStatus('waiting')
          void this.#tellStored(opened, { reason: 'other-tab' })
          begun()
        }
        const done = opened.lock
          .hold(signal, onWaiting, sync)
          .then(
            () => this.#setStatus('complete'),
            (error) => {
              if (signal.aborted) this.#setStatus(opened.state.current ? 'complete' : 'idle')
              else this.#failed(error)
            },
          )
          .finally(() => {
            this.#run = undefined
            pool.close()
            if (waited) void this.#tellStored(opened)
            begun()
          })
        this.#run = { done, stop: () => stopped.abort(), pool }
      })
    })
  }

  async #sync(opened: Opened, pool: PeerPool, signal: AbortSignal): Promise<void> {
    const { options, verifier, state, store, headers, channel } = opened
    const { root, pivotDistance, maxPivotAge } = options
    const following = root === undefined && state.current !== undefined
    this.#setStatus(following ? 'following' : 'syncing')
    const onCommit = (block: Block) => {
      state.commit(block)
      this.#emit('commit', block)
      channel.tell(block)
    }
    const completed = () => state.current?.block
    const follow = { headers, pivotDistance, maxPivotAge, completed, onCommit }
    // A state that follows a chain would be another one before it is audited.
    const ready = (signal: AbortSignal) => {
      this.#idleAudit.stop()
      return this.#audits.ended(signal)
    }
    const onVerified = (whole: boolean) => whole || this.#auditIdly()
    const target = root ?? follow
    await state.look()
    const [verifierThreads, emit] = [this.#verifierPool, this.#emit]
    const onCleared = () => {
      state.forget()
      channel.tell(undefined)
    }
    const where = { store: await store.get(), verifier, verifierThreads, pool }
    const run = { ...where, target, emit, onCleared, ready, onVerified }
    await syncRun(run, signal)
    await state.look()
    if (root !== undefined) channel.tell(undefined)
  }

  /** Tells of what is stored while no run does, and what a run waits for that has not begun. */
  async #tellStored({ store, state }: Opened, wait?: Wait): Promise<void> {
    const isComplete = state.current !== undefined
    // What this fails of, the run meets as well.
    const progress = await store
      .get()
      .then((it) => storedProgress(it, isComplete))
      .catch(() => undefined)
    if (progress !== undefined && (this.#status === 'waiting') === (wait !== undefined)) {
      this.#emit('progress', { ...progress, stalled: wait && stall(wait, 0) })
    }
  }

  #setStatus(status: EngineStatus, error?: unknown): void {
    this.#status = status
    this.#emit('status', error === undefined ? { status } : { status, error: toWire(error) })
  }

  /** Another state answers, or none. */
  #answers(completed: Completed | undefined): void {
    this.#emit('completed', completed)
    if (completed === undefined) {
      if (this.#status === 'complete') this.#setStatus('idle')
      if (this.#status === 'following') this.#setStatus('syncing')
    } else if (this.#status === 'idle') {
      this.#setStatus('complete')
    } else if (this.#status === 'syncing' && this.#need().options.root === undefined) {
      this.#setStatus('following')
    }
  }

  async #committedElsewhere(block: Block | undefined): Promise<void> {
    const { options, state } = this.#need()
    // What it fails of, the next read tells.
    const found = await state.look().catch(() => undefined)
    const isFound = block !== undefined && found?.completed.stateRoot === block.stateRoot
    if (!isFound || options.root !== undefined) return
    // Blocks that changed nothing have one root.
    state.commit(block)
    this.#emit('commit', block)
  }

  #failed(error: unknown): void {
    // Whatever is asked next opens it again; what does not add up was removed.
    if (isGone(error)) this.#need().store.drop()
    if (error instanceof StoreLostError) this.#fetchAgain(error)
    else if (isGone(error) || isDamage(error)) this.#forget('failed', error)
    else this.#setStatus('failed', error)
  }

  /** The browser lost the database. Goes on by itself, unless the app has paused. */
  #fetchAgain({ code, message }: StoreLostError): void {
    this.#emit('fault', { code, message })
    this.#forget('idle')
    void Promise.resolve(this.#run?.done)
      .then(() => (this.#wanted ? this.start() : undefined))
      .catch((error) => this.#setStatus('failed', error))
  }

  /** Nothing is stored any more; who hears of the status finds it so. */
  #forget(status: EngineStatus, error?: unknown): void {
    this.#status = status
    this.#need().state.forget()
    this.#setStatus(status, error)
  }

  /** Takes a connection that the page made. */
  join(pipe: FramePipe): void {
    const running = this.#status === 'syncing' || this.#status === 'following'
    if (this.#run === undefined || !running) pipe.close()
    else this.#run.pool.add(pipe)
  }

  /** Takes the next header of the stream. */
  header(header: Header): void {
    if (this.#opened?.headers.add(header)) this.#emit('head', toBlock(header))
  }

  /** The stream has ended, or broken. */
  endHeaders(error?: WireError): void {
    this.#opened?.headers.end(error && fromWire(error))
  }

  pause(): Promise<void> {
    this.#wanted = false
    return this.#inTurn(() => this.#stop())
  }

  async #stop(): Promise<void> {
    this.#idleAudit.stop()
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

  #read<Value>(read: (reader: StateReader) => Promise<Value>): Promise<Verified<Value>> {
    this.#idleAudit.yield()
    return this.#ask((state) => state.read(read))
  }

  /** Asks the complete state for something; tells where it fails of a store that is gone. */
  async #ask<Value>(ask: (state: CompletedState) => Promise<Value>): Promise<Value> {
    const { state } = this.#need()
    try {
      return await ask(state)
    } catch (error) {
      if (isGone(error) && this.#run === undefined) this.#failed(error)
      if (isDamage(error)) await this.#withdraw(error)
      throw error
    }
  }

  audit(id: number): Promise<AuditReport> {
    return this.#audits.run(id, (signal) => this.#ask((state) => state.audit(signal)))
  }

  /** Goes through the rest of a state of which only what was healed is verified. */
  #auditIdly(): void {
    this.#idleAudit.start((signal, onPage) =>
      this.#ask((state) => state.audit(signal, onPage)).then(
        (report) => this.#emit('audited', report),
        (error) => {
          // Whatever else it fails of, the next read meets as well.
          if (isDamage(error)) this.#emit('fault', toWire(error))
        },
      ),
    )
  }

  /**
   * A complete state that does not hold answers nothing any more, at once and in every tab. The
   * next start fetches it anew.
   */
  #withdraw(error: CambiumError): Promise<void> {
    const { lock, state, channel, store: slot } = this.#need()
    const damaged = state.distrust()
    // Several reads may find the same damage.
    this.#withdrawing ??= this.#inTurn(async () => {
      // What a run completes has what is wrong in it, too.
      const ran = this.#run !== undefined
      await this.#stop()
      const store = await slot.get()
      const isOther = ({ completionId }: Completion) => completionId !== damaged
      const replaced = await store
        .completion()
        .then((it) => it && isOther(it))
        .catch(() => false)
      if (replaced && !ran) return
      const isCleared = await lock.try(() => store.clear())
      // Another tab writes here now. What is stored stays, and answers nothing.
      if (!isCleared && damaged !== undefined) await store.withdraw(damaged)
      channel.tell(undefined)
      this.#forget('failed', error)
    }).finally(() => {
      this.#withdrawing = undefined
    })
    return this.#withdrawing
  }

  async abortAudit(id: number): Promise<void> {
    this.#audits.abort(id)
  }

  reset(): Promise<void> {
    this.#wanted = false
    return this.#inTurn(async () => {
      const { lock, store: slot } = this.#need()
      await this.#stop()
      const store = await slot.get()
      if (!(await lock.try(() => store.clear()))) throw new StateBusyError()
      this.#forget('idle')
      this.#emit('progress', idleProgress())
    })
  }

  close(): Promise<void> {
    this.#wanted = false
    this.#audits.abortAll()
    this.#idleAudit.stop()
    this.#run?.stop()
    return this.#inTurn(async () => {
      await this.#stop()
      this.#verifierPool.close()
      this.#opened?.channel.close()
      await this.#opened?.store.close()
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

/** Whether what is stored is not what was proven and written. */
function isDamage(error: unknown): error is CambiumError {
  return error instanceof AuditError || error instanceof StoreCorruptError
}

function isGone(error: unknown): boolean {
  return error instanceof StoreClosedError || error instanceof StoreLostError
}

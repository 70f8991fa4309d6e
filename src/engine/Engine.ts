import type { CambiumError } from '../base/CambiumError.ts'
import type { Block } from '../chain/Block.ts'
import type { Header } from '../chain/Header.ts'
import { toBlock } from '../chain/toBlock.ts'
import type { FramePipe } from '../pipes/FramePipe.ts'
import type { Verified } from '../reads/AccountState.ts'
import { StateBusyError } from '../reads/errors.ts'
import type { StateReader } from '../reads/StateReader.ts'
import type { VerifierPool } from '../snap/verify/pool/VerifierPool.ts'
import { StoreCorruptError, StoreLostError } from '../store/errors.ts'
import type { StateStore } from '../store/StateStore.ts'
import type { AuditReport } from '../sync/audit/AuditReport.ts'
import { PeerPool } from '../sync/peers/PeerPool.ts'
import type { Progress } from '../sync/progress/Progress.ts'
import { idleProgress } from '../sync/progress/ProgressMeter.ts'
import { stall, type Wait } from '../sync/progress/Stall.ts'
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
import { runOpened } from './runOpened.ts'
import type { CompletedState } from './state/CompletedState.ts'
import { isDamage, isGone } from './state/failures.ts'
import { type Opened, openState } from './state/openState.ts'
import { statusWith } from './state/statusWith.ts'
import { openedProgress, storedProgress } from './state/storedProgress.ts'
import { withdraw } from './state/withdraw.ts'

/**
 * Everything but the peers: verifier, store, sync and reads of one chain's state, behind the
 * methods of the protocol. `start`, `pause`, `reset` and `close` take turns, in call order.
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
    return this.#open(options).catch((error) => {
      this.#opening = false
      this.#opened?.channel.close()
      throw error
    })
  }

  async #open(options: EngineOptions): Promise<Opening> {
    let isOpen = false
    const opened = await openState(options, {
      onFault: ({ code, message }) => this.#emit('fault', { code, message }),
      // What is found first, the opening returns.
      onChange: (completed) => isOpen && this.#answers(completed),
      onCommit: (block) => void this.#committedElsewhere(block),
    })
    this.#opened = opened
    const { state, store, verifier } = opened
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
      // The handle must exist, for `start` and `reset` are the ways out.
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
    const following = opened.options.root === undefined && opened.state.current !== undefined
    this.#setStatus(following ? 'following' : 'syncing')
    await runOpened(opened, signal, {
      ...{ pool, verifierThreads: this.#verifierPool, emit: this.#emit },
      // A state that follows a chain would be another one before it is audited.
      ready: (signal) => {
        this.#idleAudit.stop()
        return this.#audits.ended(signal)
      },
      onVerified: (whole) => whole || this.#auditIdly(),
    })
  }

  /** Tells of what is stored while no run does, and what a run waits for that has not begun. */
  async #tellStored(opened: Opened, wait?: Wait): Promise<void> {
    const progress = await openedProgress(opened)
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
    const isFixed = this.#need().options.root !== undefined
    const status = statusWith(completed, this.#status, isFixed)
    if (status !== this.#status) this.#setStatus(status)
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
    // The next call opens the store again. A state that does not add up was removed.
    if (isGone(error)) this.#need().store.drop()
    if (error instanceof StoreLostError) this.#fetchAgain(error)
    else if (isGone(error) || isDamage(error)) this.#forget('failed', error)
    else this.#setStatus('failed', error)
  }

  /** The browser lost the database. The sync resumes by itself, unless the app has paused. */
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

  /** Audits the rest of a state in which only the healed part is verified. */
  #auditIdly(): void {
    this.#idleAudit.start((signal, onPage) =>
      this.#ask((state) => state.audit(signal, onPage)).then(
        (report) => this.#emit('audited', report),
        (error) => {
          // The next read meets every other failure as well.
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
    const opened = this.#need()
    const damaged = opened.state.distrust()
    // Several reads may find the same damage.
    this.#withdrawing ??= this.#inTurn(async () => {
      // What a run completes has what is wrong in it, too.
      const ran = this.#run !== undefined
      await this.#stop()
      if (await withdraw(opened, damaged, ran)) this.#forget('failed', error)
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

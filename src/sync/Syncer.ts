import { CambiumError } from '../bytes/CambiumError.ts'
import { compareBytes } from '../bytes/compareBytes.ts'
import type { FramePipe } from '../snap/FramePipe.ts'
import { PeerProtocolError } from '../snap/PeerProtocolError.ts'
import { RequestTimeoutError } from '../snap/RequestTimeoutError.ts'
import { SnapClient } from '../snap/SnapClient.ts'
import type { SnapResponse } from '../snap/SnapMessage.ts'
import { systemTimers, type Timers } from '../snap/Timers.ts'
import { StoreError } from '../store/errors/StoreError.ts'
import type { StateStore } from '../store/StateStore.ts'
import { emptyRoot } from '../trie/emptyHashes.ts'
import type { Verifier } from '../wasm/Verifier.ts'
import { type AccountTask, accountTasks, isDone } from './AccountTask.ts'
import { AccountWork } from './AccountWork.ts'
import { AuditError } from './AuditError.ts'
import { audit } from './audit.ts'
import { Backlog } from './Backlog.ts'
import { CodeWork } from './CodeWork.ts'
import { countingPipe } from './countingPipe.ts'
import { coveredFraction } from './coveredFraction.ts'
import { EventQueue } from './EventQueue.ts'
import type { Fault } from './Fault.ts'
import { completeRecords, readJournal, restartRecords, targetRecord } from './Journal.ts'
import { Lane } from './Lane.ts'
import type { Progress } from './Progress.ts'
import { ProgressMeter } from './ProgressMeter.ts'
import { RootChangedError } from './RootChangedError.ts'
import { answerAmount } from './rate/answerAmount.ts'
import type { PeerRate } from './rate/PeerRate.ts'
import { PeerRates } from './rate/PeerRates.ts'
import { StateUnavailableError } from './StateUnavailableError.ts'
import { StorageWork } from './StorageWork.ts'
import { SyncCancelledError } from './SyncCancelledError.ts'
import type { Work, WorkKind } from './Work.ts'
import { Writer } from './Writer.ts'

export interface SyncerOptions {
  store: StateStore
  verifier: Verifier
  onProgress?: (progress: Progress) => void
  onFault?: (fault: Fault) => void
  /** How long a peer may take for one answer, in milliseconds. @default 20 000, as a browser's uplink is slower than a node's */
  requestTimeoutMs?: number
  /** Milliseconds of a clock that never goes back. @default performance.now */
  now?: () => number
  /** @default those of the platform */
  timers?: Timers
}

/** Work of any kind, as the run loop sees it. */
type AnyWork = Work<unknown, SnapResponse>

interface Peer {
  client: SnapClient
  rate: PeerRate
  lanes: Record<WorkKind, Lane>
}

type SyncEvent =
  | { type: 'join'; pipe: FramePipe }
  | { type: 'leave'; peer: Peer; error: Error | undefined }
  | { type: 'answer'; peer: Peer; work: AnyWork; request: unknown; answer: SnapResponse }
  | { type: 'failure'; peer: Peer; work: AnyWork; request: unknown; error: unknown }
  /** A peer has rested. */
  | { type: 'free' }
  | { type: 'written' }
  | { type: 'fatal'; error: unknown }

/** Answers that may wait for the disk before no more are asked for: about 4 MiB. */
const MAX_BACKLOG = 8

/**
 * Downloads the state under one root.
 *
 * One loop owns everything that changes: answers, joins, losses and finished writes are events in its queue, taken one at
 * a time. The queue is made anew by every run, so that nothing of an earlier one is ever applied.
 */
export class Syncer {
  readonly #store: StateStore
  readonly #verifier: Verifier
  readonly #options: SyncerOptions
  readonly #now: () => number
  readonly #timers: Timers
  readonly #timeoutMs: number
  readonly #rates: PeerRates

  constructor(options: SyncerOptions) {
    this.#store = options.store
    this.#verifier = options.verifier
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#timers = options.timers ?? systemTimers
    this.#timeoutMs = options.requestTimeoutMs ?? 20_000
    this.#rates = new PeerRates({ now: this.#now, timeoutLimitMs: this.#timeoutMs })
  }

  /**
   * Brings the store to the complete state under `root`, from where the journal says that it is. Resolves at once if it
   * is there already.
   *
   * @param root the trusted state root, 32 bytes
   * @param peers where connections come from; its end is not the end of the sync
   * @throws {SyncCancelledError} when `signal` aborts; all that was proven is stored then
   * @throws {StoreError} when the store fails
   * @throws {AuditError} when the stored leaves do not add up to the root in the end; the next run starts from nothing
   */
  async sync(
    root: Uint8Array,
    peers: AsyncIterable<FramePipe>,
    signal: AbortSignal,
  ): Promise<void> {
    const { onProgress = () => {} } = this.#options
    const meter = new ProgressMeter(onProgress, this.#now, this.#timers)
    try {
      const { tasks, complete } = await this.#load(root)
      if (!complete) {
        await this.#download(root, tasks, peers, signal, meter)
        await this.#finish(root, signal, meter)
      }
      meter.enter('complete', 1, await this.#stored())
    } finally {
      meter.stop()
    }
  }

  async #load(root: Uint8Array): Promise<{ tasks: AccountTask[]; complete: boolean }> {
    const journal = readJournal(await this.#store.journal())
    for (const error of journal.damaged) this.#fault(error)
    const changed = journal.root === undefined || compareBytes(journal.root, root) !== 0
    const fresh = changed || !journal.begun
    if (fresh) await this.#replace(journal.root, root, changed)
    const tasks = fresh ? accountTasks() : journal.tasks
    // The empty state has no nodes that a peer could serve.
    if (compareBytes(root, emptyRoot()) === 0) for (const task of tasks) task.next = undefined
    return { tasks, complete: !fresh && journal.epoch !== undefined }
  }

  /** Removes what is stored and names the new root. */
  async #replace(old: Uint8Array | undefined, root: Uint8Array, changed: boolean): Promise<void> {
    if (changed && (await this.#store.totals()).bytes > 0) {
      this.#fault(new RootChangedError(old, root))
    }
    await this.#store.clear()
    await this.#store.commit({ journal: new Map([targetRecord(root)]) })
  }

  async #download(
    root: Uint8Array,
    tasks: readonly AccountTask[],
    source: AsyncIterable<FramePipe>,
    signal: AbortSignal,
    meter: ProgressMeter,
  ): Promise<void> {
    const queue = new EventQueue<SyncEvent>()
    const codes = new CodeWork(tasks, this.#store, this.#verifier)
    const works: AnyWork[] = [
      new AccountWork(root, tasks, this.#verifier, codes),
      codes,
      new StorageWork(root, tasks, this.#verifier),
    ]
    const peers = new Set<Peer>()
    const writer = new Writer(
      this.#store,
      () => queue.push({ type: 'written' }),
      (error) => queue.push({ type: 'fatal', error }),
    )
    const onAbort = () => queue.push({ type: 'fatal', error: new SyncCancelledError() })
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()

    meter.enter('download', coveredFraction(tasks), await this.#stored())
    const joining = this.#join(source, queue)
    try {
      while (!(tasks.every(isDone) && writer.backlog === 0)) {
        if (!signal.aborted && writer.backlog < MAX_BACKLOG) this.#assign(peers, works, queue)
        const event = await queue.next()
        if (event.type === 'fatal') throw event.error
        await this.#handle(event, peers, writer, queue, meter)
        if (event.type === 'written') meter.update(await this.#stored())
        meter.update({ fraction: coveredFraction(tasks), peers: peers.size })
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      for (const peer of peers) this.#leave(peer, peers)
      joining.stop()
      for (const event of queue.drain()) if (event.type === 'join') event.pipe.close()
      meter.update({ peers: 0 })
      await writer.flush()
    }
  }

  /** Turns connections into events until it is stopped. */
  #join(source: AsyncIterable<FramePipe>, queue: EventQueue<SyncEvent>): { stop(): void } {
    const iterator = source[Symbol.asyncIterator]()
    let stopped = false
    const run = async () => {
      for (;;) {
        const next = await iterator.next()
        if (next.done) return
        if (stopped) next.value.close()
        else queue.push({ type: 'join', pipe: next.value })
      }
    }
    run().catch((error) => queue.push({ type: 'fatal', error }))
    return {
      stop() {
        stopped = true
        // A source that breaks while it is being left has nothing left to break.
        iterator.return?.().catch(() => {})
      },
    }
  }

  #assign(peers: ReadonlySet<Peer>, works: readonly AnyWork[], queue: EventQueue<SyncEvent>): void {
    for (const work of works) {
      const speed = (peer: Peer) => peer.lanes[work.kind].perSecond
      for (const peer of [...peers].sort((a, b) => speed(b) - speed(a))) {
        const lane = peer.lanes[work.kind]
        if (!lane.free) continue
        const request = work.assign(lane.capacity)
        if (request === undefined) break
        const answering = work.send(peer.client, request)
        lane.take(answering)
        answering.then(
          (answer) => queue.push({ type: 'answer', peer, work, request, answer }),
          (error) => queue.push({ type: 'failure', peer, work, request, error }),
        )
      }
    }
  }

  async #handle(
    event: Exclude<SyncEvent, { type: 'fatal' }>,
    peers: Set<Peer>,
    writer: Writer,
    queue: EventQueue<SyncEvent>,
    meter: ProgressMeter,
  ): Promise<void> {
    switch (event.type) {
      case 'join': {
        const pipe = countingPipe(event.pipe, (bytes) => meter.received(bytes))
        const timers = this.#timers
        const client = new SnapClient(pipe, { timeoutMs: this.#timeoutMs, timers })
        const rates = this.#rates
        const rate = rates.add()
        const backlog = new Backlog()
        const onFree = () => queue.push({ type: 'free' })
        const lane = (kind: WorkKind) => {
          return new Lane({ kind, rate, rates, backlog, timers, now: this.#now, onFree })
        }
        const lanes = {
          accounts: lane('accounts'),
          storage: lane('storage'),
          codes: lane('codes'),
        }
        const peer: Peer = { client, rate, lanes }
        peers.add(peer)
        void client.closed.then((error) => queue.push({ type: 'leave', peer, error }))
        return
      }
      case 'leave':
        // Its requests fail by themselves and come back as events of their own.
        this.#leave(event.peer, peers)
        if (event.error instanceof PeerProtocolError) this.#fault(event.error, event.peer)
        return
      case 'answer':
        return this.#accept(event, peers, writer)
      case 'failure':
        event.work.revert(event.request)
        return this.#fail(event.peer, event.work.kind, event.error)
    }
  }

  async #accept(
    event: Extract<SyncEvent, { type: 'answer' }>,
    peers: Set<Peer>,
    writer: Writer,
  ): Promise<void> {
    const { peer, work, request, answer } = event
    const lane = peer.lanes[work.kind]
    try {
      const batch = await work.accept(request, answer)
      if (batch !== undefined) {
        lane.served(answerAmount(answer))
        return writer.write(batch)
      }
      if (lane.empty()) this.#fault(new StateUnavailableError(peer.client.peer, work.kind), peer)
    } catch (error) {
      if (error instanceof StoreError) throw error
      work.revert(request)
      this.#blame(peer, error)
      // A peer that lied once is not asked again on this connection.
      this.#leave(peer, peers, error instanceof Error ? error : undefined)
    }
  }

  #leave(peer: Peer, peers: Set<Peer>, reason?: Error): void {
    peers.delete(peer)
    this.#rates.remove(peer.rate)
    for (const lane of Object.values(peer.lanes)) lane.stop()
    peer.client.close(reason)
  }

  #fail(peer: Peer, kind: WorkKind, error: unknown): void {
    if (error instanceof RequestTimeoutError) {
      peer.lanes[kind].timedOut(error.answered)
    } else {
      peer.lanes[kind].failed()
    }
    this.#blame(peer, error)
  }

  #blame(peer: Peer, error: unknown): void {
    if (!(error instanceof CambiumError)) throw error
    // A lost connection is told by who made it; a broken protocol once, however many requests it ended, when the peer leaves.
    if (error.code !== 'PEER_CLOSED' && error.code !== 'PEER_PROTOCOL') this.#fault(error, peer)
  }

  /** What is stored, as progress counts it: its bytes are those received, not those stored. */
  async #stored(): Promise<Pick<Progress, 'accounts' | 'slots' | 'codes'>> {
    const { accounts, slots, codes } = await this.#store.totals()
    return { accounts, slots, codes }
  }

  #fault(error: CambiumError, peer?: Peer): void {
    const blamed = peer === undefined ? {} : { peer: peer.client.peer }
    this.#options.onFault?.({ code: error.code, message: error.message, ...blamed })
  }

  /** Invariant 2: complete is recorded only after everything was recomputed from what is stored. */
  async #finish(root: Uint8Array, signal: AbortSignal, meter: ProgressMeter): Promise<void> {
    const { accounts, slots, codes } = await this.#stored()
    const total = accounts + slots + codes
    meter.enter('verify', 0)
    try {
      await audit(this.#store, this.#verifier, root, {
        signal,
        onChecked: (checked) => meter.update({ fraction: checked / total }),
      })
    } catch (error) {
      // Every range was proven, so the disk is wrong: the next run starts from nothing.
      if (error instanceof AuditError) await this.#store.commit({ journal: restartRecords() })
      throw error
    }
    await this.#store.commit({ journal: completeRecords(root) })
  }
}

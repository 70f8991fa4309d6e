import {
  type AuditReport,
  type Block,
  createStateSync,
  type Fault,
  type PeerSource,
  type Progress,
  type StateSyncHandle,
  type StateSyncOptions,
  type SyncStatus,
} from 'cambium'
import { headStream } from './headStream.ts'
import type { Log } from './Log.ts'
import { PeerList } from './PeerList.ts'
import { PivotHistory, type Round } from './PivotHistory.ts'
import { count, ends, transportName } from './render/format.ts'
import type { Target } from './target.ts'

/** What a session shows; plain data, read anew after every change. */
export interface SessionState {
  target: Target | undefined
  /** `closed` while no state is open. */
  status: SyncStatus
  progress: Progress | undefined
  /**
   * Of blocks that are followed: the newest, the one whose state is synced, and the one whose state
   * answers.
   */
  head: Block | undefined
  pivot: Block | undefined
  block: Block | undefined
  rounds: PivotHistory
  peers: PeerList
  /** Of the connection that was made last. */
  transport: string | undefined
  /** Of the last run, or of the opening. */
  error: unknown
  /** Why what the form says could not be started. */
  refusal: unknown
  /** What reading back and recomputing found; `running` meanwhile. */
  audit: AuditReport | 'running' | undefined
  /** Faults that a person can do something about. */
  notices: Fault[]
}

/** One open state at a time: its handle, and everything that its events tell. */
export class Session {
  readonly state: SessionState = {
    target: undefined,
    status: 'closed',
    progress: undefined,
    head: undefined,
    pivot: undefined,
    block: undefined,
    rounds: new PivotHistory(),
    peers: new PeerList(),
    transport: undefined,
    error: undefined,
    refusal: undefined,
    audit: undefined,
    notices: [],
  }
  handle: StateSyncHandle | undefined
  #log: Log
  #onChange: () => void
  #peers: PeerSource | undefined
  /** Openings in order: a slow one must not overtake the next. */
  #opening: Promise<void> = Promise.resolve()

  /** @param onChange called after every change of the state */
  constructor(log: Log, onChange: () => void) {
    this.#log = log
    this.#onChange = onChange
  }

  /**
   * Whether there is nothing to start: no handle, or one whose blocks have ended, and which reads
   * no others.
   */
  get isSpent(): boolean {
    const { code } = Object(this.state.error)
    return this.handle === undefined || code === 'HEADER_STREAM' || code === 'TRUST'
  }

  /** Opens the state of a target, closing the one before it. Failures end in `state.error`. */
  open(target: Target): Promise<void> {
    this.#opening = this.#opening.then(() => this.#open(target))
    return this.#opening
  }

  /** Starts or resumes the sync. `peers`: where to get bytes in this run. */
  async start(peers: PeerSource): Promise<void> {
    this.#peers = peers
    this.state.peers.clear()
    this.#log.add('plain', 'Sync started')
    await this.#attempt(() => this.handle?.start())
  }

  async pause(): Promise<void> {
    await this.#attempt(() => this.handle?.pause())
  }

  /** Reads the stored state back and recomputes its root. */
  async audit(): Promise<void> {
    const { handle, state } = this
    if (handle === undefined || state.audit === 'running') return
    state.audit = 'running'
    this.#onChange()
    const done = await this.#attempt(() => handle.audit())
    state.audit = done
    if (done) this.#log.add('good', `Read back from disk: root ${ends(done.root)} recomputed`)
    this.#onChange()
  }

  /** Deletes what is stored of this chain. */
  async reset(): Promise<void> {
    const { handle, state } = this
    Object.assign(state, { error: undefined, audit: undefined })
    state.peers.clear()
    await this.#attempt(async () => {
      await handle?.reset()
      Object.assign(state, {
        block: handle?.block,
        pivot: handle?.pivot,
        rounds: new PivotHistory(),
      })
      this.#log.add('plain', 'Deleted what was stored')
    })
    this.#onChange()
  }

  async #open(target: Target): Promise<void> {
    await this.#attempt(() => this.handle?.close())
    this.handle = undefined
    Object.assign(this.state, { target, status: 'closed', progress: undefined })
    Object.assign(this.state, { error: undefined, audit: undefined, notices: [] })
    Object.assign(this.state, { head: undefined, pivot: undefined, block: undefined })
    this.state.rounds = new PivotHistory()
    this.state.peers.clear()
    await this.#attempt(async () => {
      const handle = await createStateSync({
        chain: { id: target.chainId, genesisHash: target.genesisHash },
        ...trustOptions(target.trust),
        // Decided when a run starts: the bridge's address may change until then.
        peers: (options) => this.#source(options),
        worker: () =>
          new Worker(new URL('./state.worker.ts', import.meta.url), {
            type: 'module',
            name: 'cambium',
          }),
      })
      this.handle = handle
      this.state.status = handle.status
      this.state.progress = handle.progress
      this.state.block = handle.block
      this.#listen(handle)
      this.#log.add('plain', `Opened ${target.name}, proving with ${BUILDS[handle.verifier]}`)
    })
    this.#onChange()
  }

  #source: PeerSource = (options) => {
    if (this.#peers === undefined) throw new Error('A sync was started without a bridge.')
    return this.#peers(options)
  }

  #listen(handle: StateSyncHandle): void {
    const { state } = this
    handle.addEventListener('progress', ({ detail }) => {
      state.progress = detail
      state.rounds.update(detail)
      this.#onChange()
    })
    handle.addEventListener('head', ({ detail }) => {
      state.head = detail
      this.#onChange()
    })
    handle.addEventListener('pivot', ({ detail }) => {
      const { running } = state.rounds
      if (running !== undefined) {
        this.#log.add('plain', `Left block ${count(running.block.number)}: the chain went on`)
      }
      state.pivot = detail
      state.rounds.begin(detail)
      this.#onChange()
    })
    handle.addEventListener('commit', ({ detail }) => {
      state.block = detail
      this.#log.add('good', describeCommit(detail, state.rounds.prove()))
      this.#onChange()
    })
    handle.addEventListener('status', ({ detail }) => {
      state.status = detail.status
      state.error = detail.error
      if (detail.status !== 'syncing' && detail.status !== 'following') {
        state.peers.end()
        state.rounds.stop()
      }
      this.#log.add(...describeStatus(detail.status, detail.error))
      this.#onChange()
    })
    handle.addEventListener('connection', ({ detail }) => {
      state.peers.apply(detail, Date.now())
      if (detail.type === 'connected') {
        state.transport = detail.transport
        this.#log.add(
          'good',
          `Connected over ${transportName(detail.transport)} to ${ends(detail.peer, 8, 6)}`,
        )
      } else if (detail.type === 'closed') {
        this.#log.add('plain', `Closed the connection to ${ends(detail.peer, 8, 6)}: not needed`)
      } else if (detail.type === 'lost') {
        this.#log.add('bad', `Connection lost: ${detail.reason}`)
      } else if (detail.type === 'retry') {
        this.#log.add('plain', `Next try in ${(detail.inMs / 1000).toFixed(1)} s: ${detail.reason}`)
      }
      this.#onChange()
    })
    handle.addEventListener('fault', ({ detail }) => {
      if (detail.peer === undefined) notice(state, detail)
      const blame = detail.peer === undefined ? '' : ` (peer ${ends(detail.peer, 8, 6)})`
      this.#log.add('bad', `${detail.code}: ${detail.message}${blame}`)
      this.#onChange()
    })
  }

  async #attempt<Value>(step: () => Promise<Value> | undefined): Promise<Value | undefined> {
    try {
      return await step()
    } catch (error) {
      this.state.error = error
      this.#log.add('bad', error instanceof Error ? error.message : String(error))
      this.#onChange()
      return undefined
    }
  }
}

/** What the options of a sync say about its trust. */
function trustOptions(trust: Target['trust']): Pick<StateSyncOptions, 'trust' | 'store'> {
  if (typeof trust === 'string') return { trust }
  const { url, pivotDistance, maxPivotAge } = trust
  return {
    trust: headStream(url),
    ...(pivotDistance !== undefined && { pivotDistance }),
    ...(maxPivotAge !== undefined && { maxPivotAge }),
    // Blocks may be made up here; they must not touch what is stored of the chain itself.
    store: { name: 'cambium-blocks' },
  }
}

/** One notice per cause, the last one. */
function notice(state: SessionState, fault: Fault): void {
  state.notices = [...state.notices.filter(({ code }) => code !== fault.code), fault]
}

const BUILDS = {
  simd: 'WebAssembly and SIMD',
  plain: 'WebAssembly',
  js: 'JavaScript',
} as const

function describeCommit({ number }: Block, round: Round | undefined): string {
  if (round === undefined || round.nodes === 0) return `Block ${count(number)} proven`
  const { nodes, accounts, slots } = round
  return `Block ${count(number)} proven: ${count(nodes)} nodes healed, ${count(accounts)} accounts and ${count(slots)} slots written`
}

function describeStatus(
  status: SyncStatus,
  error: Error | undefined,
): [tone: 'plain' | 'good' | 'bad', text: string] {
  switch (status) {
    case 'syncing':
      return ['plain', 'Asking peers']
    case 'following':
      return ['plain', 'Following the blocks; reads are answered meanwhile']
    case 'idle':
      return ['plain', 'Paused; what was proven is stored']
    case 'waiting':
      return ['plain', 'Another tab syncs this state; waiting for it']
    case 'complete':
      return ['good', 'Complete: the recomputed root equals the trusted one. Network off']
    case 'failed':
      return ['bad', `Stopped: ${error?.message ?? 'unknown'}`]
    case 'closed':
      return ['plain', 'Closed']
  }
}

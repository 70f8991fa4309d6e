import { toHex } from '../../src/base/bytes/hex.ts'
import { SeededRandom } from '../../src/served/changing/SeededRandom.ts'
import { StoreQuotaError } from '../../src/store/errors.ts'
import { PagedStore } from '../../src/store/PagedStore.ts'
import type { StoreBatch } from '../../src/store/StateStore.ts'
import { HEAL_LIMIT } from '../../src/sync/heal/choice/isFar.ts'
import { SyncCancelledError } from '../../src/sync/loop/errors.ts'
import type { Fault } from '../../src/sync/peers/Fault.ts'
import type { Progress } from '../../src/sync/progress/Progress.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { type Disturbance, drawPlan, type Plan } from './drawPlan.ts'
import { FetcherDriver } from './drivers/FetcherDriver.ts'
import { FollowDriver } from './drivers/FollowDriver.ts'
import { SwapDriver } from './drivers/SwapDriver.ts'
import type { SyncDriver } from './drivers/SyncDriver.ts'
import { expectCompleted } from './oracle/expectCompleted.ts'
import { unprovenIn } from './oracle/unprovenIn.ts'
import { type SimulationReport, Witness } from './oracle/Witness.ts'
import { VirtualTime } from './VirtualTime.ts'
import { SimulatedChain } from './world/SimulatedChain.ts'
import { SimulatedDisk } from './world/SimulatedDisk.ts'
import { SimulatedNetwork } from './world/SimulatedNetwork.ts'
import { SimulatedProcess, type SyncMoment } from './world/SimulatedProcess.ts'
import { SimulatedReaders } from './world/SimulatedReaders.ts'

/** A sync ends within this once a peer is there that has everything, or it never does. */
const PATIENCE_MS = 6 * 3_600_000
const PATIENCE_EVENTS = 100_000

/**
 * Steps within one turn of the event loop after which a disturbance comes, at most: as many as an
 * answer takes.
 */
const MOST_TICKS = 30

/**
 * One run in virtual time; a seed decides all of it: a chain, a disk, peers, readers, and a process
 * that syncs. First all of them are disturbed, then there is calm, in which the sync must come to
 * its end.
 *
 * @example
 * const report = await new Simulation(17, verifier).run()
 */
export class Simulation {
  readonly #verifier: Verifier
  readonly #time = new VirtualTime()
  readonly #random: SeededRandom
  readonly #plan: Plan
  readonly #witness: Witness
  readonly #chain: SimulatedChain
  readonly #disk: SimulatedDisk
  readonly #network: SimulatedNetwork
  readonly #readers: SimulatedReaders
  #process!: SimulatedProcess
  #driver!: SyncDriver
  /** The root that was asked for last; who follows headers asks for none. */
  #target: Uint8Array
  /** Whether something may have been written since a state was last completed. */
  #begun = false
  /** Whether a bit of the journal was flipped. */
  #mayBeDamaged = false
  #progress: Progress | undefined

  /** @param trace told of all that happens, line by line */
  constructor(seed: number, verifier: Verifier, trace: (line: string) => void = () => {}) {
    this.#verifier = verifier
    this.#random = new SeededRandom(seed)
    const stream = () => new SeededRandom(this.#random.below(2 ** 31))
    const time = this.#time
    const witness = new Witness(seed, time, trace)
    const chain = new SimulatedChain(stream(), (input) => verifier.keccak256(input))
    this.#plan = drawPlan(stream())
    const { writeMs, readMs, requestTimeoutMs } = this.#plan
    this.#witness = witness
    this.#chain = chain
    this.#target = chain.head.stateRoot
    this.#network = new SimulatedNetwork({
      ...{ time, chain, witness, requestTimeoutMs, random: stream() },
    })

    const onWrite = (moment: 'begins' | 'written') => {
      if (moment === 'written') witness.report.writes++
      witness.happen(`write ${moment}`)
    }
    this.#disk = new SimulatedDisk({ time, random: stream(), writeMs, readMs, onWrite })
    const otherTab = new PagedStore(this.#disk.open())
    this.#readers = new SimulatedReaders({ time, chain, witness, otherTab, random: stream() })
  }

  /** @throws what is wrong with the engine */
  async run(): Promise<SimulationReport> {
    const limit = { ...HEAL_LIMIT }
    if (this.#plan.alwaysFar) Object.assign(HEAL_LIMIT, { share: 0, leaves: 0, accounts: 0 })
    try {
      return await this.#run()
    } finally {
      Object.assign(HEAL_LIMIT, limit)
    }
  }

  async #run(): Promise<SimulationReport> {
    this.#begin()
    for (let peer = 0; peer < this.#plan.peers; peer++) this.#network.joinAny()
    this.#moveTo(this.#target)
    for (const { kind, happenings, ms } of this.#plan.disturbances) {
      await this.#wait(happenings, ms, () => this.#disturb(kind))
    }
    await this.#finish(await this.#calm())
    return this.#witness.report
  }

  /** What happens at present: for a person who looks at a run that does not end. */
  describe(): string {
    const { phase, fraction, healing } = this.#progress ?? {}
    return [
      `at ${this.#time.now()} ms, by '${this.#plan.driver}', towards ${toHex(this.#target)}`,
      `phase ${phase}, fraction ${fraction}, healing ${JSON.stringify(healing)}`,
      `${this.#process.timers.size} timers; peers: ${this.#network.describe()}`,
    ].join('\n')
  }

  #begin(): void {
    const { requestTimeoutMs } = this.#plan
    this.#process = new SimulatedProcess({
      ...{ time: this.#time, disk: this.#disk.open(), verifier: this.#verifier, requestTimeoutMs },
      onFault: (fault) => {
        if (fault.peer === undefined) this.#damaged(fault)
        else this.#network.judge(fault)
      },
      onProgress: (progress) => {
        this.#progress = progress
      },
      onCommit: (batch, root) => this.#committing(batch, root),
      onSync: (moment) => this.#syncing(moment),
    })
    this.#network.serve(this.#process.pool)
    this.#readers.serve(this.#process.store)
    this.#driver = this.#newDriver()
  }

  #newDriver(): SyncDriver {
    const { syncer, store } = this.#process
    const { driver, pivotDistance, maxPivotAge } = this.#plan
    const options = { syncer, store, pause: () => this.#time.pass(1_000) }
    if (driver === 'swap') return new SwapDriver(options)
    if (driver === 'fetch') return new FetcherDriver(options)
    const headers = this.#chain.headers.slice(-1 - this.#random.below(10))
    return new FollowDriver({ ...options, headers, pivotDistance, maxPivotAge })
  }

  /**
   * Lets `happen` come after so many requests and writes, or after `ms` if there are fewer, and all
   * that is before it.
   */
  async #wait(happenings: number, ms: number, happen: () => void): Promise<void> {
    const ticks = this.#random.below(MOST_TICKS)
    let begun = false
    let done = false
    const once = async () => {
      if (begun) return
      begun = true
      for (let tick = 0; tick < ticks; tick++) await undefined
      happen()
      done = true
    }
    const act = () => {
      once().catch((error) => this.#witness.fail(error))
    }
    this.#witness.after(happenings, act)
    const callOff = this.#time.after(ms, act)
    while (!done) await this.#step()
    callOff()
  }

  #disturb(kind: Disturbance): void {
    this.#witness.note(kind)
    switch (kind) {
      case 'blocks':
        this.#blocks()
        break
      case 'reorg':
        this.#driver.tell(this.#chain.reorg(1 + this.#random.below(3)))
        break
      case 'newest':
        this.#blocks()
        this.#moveTo(this.#chain.head.stateRoot)
        break
      case 'earlier':
        this.#moveTo(this.#random.pick(this.#chain.headers).stateRoot)
        break
      case 'strange':
        this.#moveTo(this.#random.pick(this.#chain.strangeRoots))
        break
      case 'twice':
        this.#moveTo(this.#chain.head.stateRoot)
        this.#blocks()
        this.#moveTo(this.#chain.head.stateRoot)
        break
      case 'again':
        this.#moveTo(this.#target)
        break
      case 'join':
        this.#network.joinAny()
        break
      case 'drop':
        this.#network.dropAny()
        break
      case 'crash':
        this.#crash()
        break
      case 'damage':
        this.#process.kill()
        this.#mayBeDamaged = true
        void this.#disk.damage()
        this.#crash()
        break
      case 'refuse':
        this.#disk.refuse = 1 + this.#random.below(2)
        break
      case 'wait':
    }
  }

  #crash(): void {
    this.#witness.report.crashes++
    this.#process.kill()
    this.#begin()
    this.#driver.moveTo(this.#target)
  }

  #blocks(): void {
    const count = 1 + this.#random.below(4)
    this.#driver.tell(Array.from({ length: count }, () => this.#chain.advance()))
  }

  #moveTo(root: Uint8Array): void {
    this.#target = root
    this.#driver.moveTo(root)
  }

  #committing(batch: StoreBatch, root: Uint8Array | undefined): void {
    this.#begun = batch.complete === undefined
    const unproven = root ? unprovenIn(batch, root, this.#chain) : 'something'
    if (unproven === undefined) return
    this.#witness.fail(new Error(`${unproven} was committed in a sync to ${root && toHex(root)}`))
  }

  #damaged({ code, message }: Fault): void {
    this.#witness.note(`${code} ${message}`)
    if (code !== 'JOURNAL' || !this.#mayBeDamaged) this.#witness.fail(new Error(message))
  }

  #syncing(moment: SyncMoment): void {
    const { report } = this.#witness
    this.#witness.note(`sync ${moment.type} ${toHex(moment.root)}`)
    switch (moment.type) {
      case 'begins':
        report.syncs++
        this.#network.syncBegins()
        break
      case 'completes':
        report.completions++
        this.#network.syncCompletes()
        this.#readers.read(true)
        break
      case 'fails': {
        const { error } = moment
        const isExpected = error instanceof SyncCancelledError || error instanceof StoreQuotaError
        if (!isExpected) this.#witness.fail(error)
      }
    }
  }

  /** Disturbs nothing any more, and waits for the end. @returns the root that is complete then */
  async #calm(): Promise<Uint8Array> {
    this.#witness.note('calm')
    this.#network.joinSound()
    let root: Uint8Array | undefined
    this.#driver.end().then(
      (complete) => {
        root = complete
      },
      (error) => this.#witness.fail(error),
    )
    const lastMs = this.#time.now() + PATIENCE_MS
    const lastEvent = this.#time.happened + PATIENCE_EVENTS
    while (root === undefined) {
      await this.#step()
      if (this.#time.now() > lastMs || this.#time.happened > lastEvent) {
        throw new Error('the sync does not end')
      }
    }
    return root
  }

  async #finish(root: Uint8Array): Promise<void> {
    const { pool, timers, store } = this.#process
    this.#readers.end()
    this.#network.end()
    while (this.#readers.running > 0) await this.#step()
    pool.close()
    await this.#time.settle()
    if (timers.size > 0) throw new Error(`${timers.size} timers are left`)
    let closed = false
    void store.close().then(() => {
      closed = true
    })
    while (!closed) await this.#step()
    const asked = this.#plan.driver === 'follow' ? root : this.#target
    const state = { root: asked, begun: this.#begun }
    await expectCompleted(this.#disk.memory, state, this.#chain, this.#verifier)
    this.#witness.check()
  }

  async #step(): Promise<void> {
    if (!(await this.#time.step())) throw new Error('nothing happens')
    this.#witness.check()
  }
}

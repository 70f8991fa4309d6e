import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import type { Fault } from '../../../src/sync/peers/Fault.ts'
import type { PeerPool } from '../../../src/sync/peers/PeerPool.ts'
import { requestLimits } from '../../../src/sync/peers/requestLimits.ts'
import { drawHabits, soundHabits } from '../drawHabits.ts'
import type { Witness } from '../oracle/Witness.ts'
import type { VirtualTime } from '../VirtualTime.ts'
import type { SimulatedChain } from './SimulatedChain.ts'
import { type OpenRequest, PeerConnection, type PeerHabits } from './SimulatedPeer.ts'

/**
 * No request is given up sooner, unless the limit is lower: three of the shortest round trips that
 * are assumed.
 */
const SHORTEST_TIMEOUT_MS = 6_000

/** What an honest peer may be blamed for. */
const TOLERATED: ReadonlySet<string> = new Set(['REQUEST_TIMEOUT', 'STATE_UNAVAILABLE'])

export interface NetworkOptions {
  time: VirtualTime
  random: SeededRandom
  chain: SimulatedChain
  witness: Witness
  requestTimeoutMs: number
}

/** Codes of a download and of a heal are different kinds of request. */
const MOST_IN_FLIGHT = {
  GetAccountRange: requestLimits.accounts.inFlight,
  GetStorageRanges: requestLimits.storage.inFlight,
  GetByteCodes: requestLimits.codes.inFlight + requestLimits.healCodes.inFlight,
  GetTrieNodes: requestLimits.healNodes.inFlight,
}

/**
 * All peers that there are, and what each did: they are asked for no more at a time than is
 * allowed, and blamed for what they did.
 */
export class SimulatedNetwork {
  readonly #options: NetworkOptions
  /** Who was ever there. */
  readonly #roster: PeerHabits[] = []
  readonly #connected = new Map<PeerHabits, PeerConnection>()
  /** All that there ever were, by what the engine calls them. */
  readonly #connections = new Map<string, PeerConnection>()
  readonly #foundOut = new Set<PeerConnection>()
  /** Who lied in the present sync, so that it must be found out before that completes. */
  readonly #liars = new Set<PeerConnection>()
  /** In which sync a request was made. */
  readonly #cycles = new WeakMap<OpenRequest, number>()
  #pool: PeerPool | undefined

  constructor(options: NetworkOptions) {
    this.#options = options
  }

  /**
   * A process begins: all peers that were connected to the one before come to it, one after the
   * other.
   */
  serve(pool: PeerPool): void {
    const peers = [...this.#connected]
    this.#connected.clear()
    this.#liars.clear()
    this.#pool = pool
    for (const [habits, connection] of peers) {
      connection.drop()
      this.#joinLater(habits)
    }
  }

  /** The network ends: nobody joins any more. */
  end(): void {
    this.#pool = undefined
  }

  /** Somebody joins who was there before, or somebody new. */
  joinAny(): void {
    const { random, chain } = this.#options
    const absent = this.#roster.filter((habits) => !this.#connected.has(habits))
    const isNew = absent.length === 0 || random.below(2) === 0
    if (isNew) this.#roster.push(drawHabits(random, `peer-${this.#roster.length}`, chain))
    this.#join(isNew ? this.#roster.at(-1)! : random.pick(absent))
  }

  /** Somebody joins who has everything. */
  joinSound(): void {
    this.#join(soundHabits(this.#options.random))
  }

  /** Somebody leaves, perhaps not for long. */
  dropAny(): void {
    const { random } = this.#options
    if (this.#connected.size === 0) return
    const [habits, connection] = random.pick([...this.#connected])
    this.#connected.delete(habits)
    connection.drop()
    if (random.below(2) === 0) this.#joinLater(habits)
  }

  syncBegins(): void {
    this.#liars.clear()
  }

  /** A sync has got all that it asked for, and so must have looked at it. */
  syncCompletes(): void {
    for (const liar of this.#liars) {
      if (this.#foundOut.has(liar)) continue
      this.#options.witness.fail(new Error(`${liar.peer} lied and was not found out`))
    }
  }

  /** The engine blames a peer. */
  judge({ code, message, peer }: Fault): void {
    const { witness } = this.#options
    witness.note(`${code} ${peer}`)
    const connection = this.#connections.get(peer ?? '')!
    if (TOLERATED.has(code)) {
      if (code === 'REQUEST_TIMEOUT' || connection.wasBare) return
      witness.fail(new Error(`${peer} was blamed: ${message}`))
    } else {
      this.#foundOut.add(connection)
      if (!connection.lied) witness.fail(new Error(`${peer} was blamed: ${message}`))
    }
  }

  /** Who is there, and what they owe. */
  describe(): string {
    return Array.from(this.#connected.values(), ({ peer, open }) => {
      return `${peer} (${Array.from(open, ({ kind, sentAt }) => `${kind} at ${sentAt}`).join(', ')})`
    }).join('; ')
  }

  #join(habits: PeerHabits): void {
    if (this.#connected.has(habits) || this.#pool === undefined) return
    const { time, random, chain, witness } = this.#options
    const name = `${habits.name}/${this.#connections.size}`
    const connection: PeerConnection = new PeerConnection({
      ...{ name, habits, source: chain.source, time, random },
      onRequest: (request) => this.#asked(connection, request),
      onLie: (request) => this.#lied(connection, request),
      onDismissed: (reason) => this.#dismissed(connection, reason),
    })
    witness.note(`join ${name}`)
    this.#connections.set(name, connection)
    this.#connected.set(habits, connection)
    this.#pool.add(connection)
  }

  #joinLater(habits: PeerHabits): void {
    const { time, random } = this.#options
    time.after(random.below(3_000), () => this.#join(habits))
  }

  #asked(connection: PeerConnection, request: OpenRequest): void {
    const { time, witness, requestTimeoutMs } = this.#options
    this.#cycles.set(request, witness.report.syncs)
    witness.report.requests++
    if (this.#foundOut.has(connection)) {
      witness.fail(new Error(`${connection.peer} was asked again after it had lied`))
    }
    // A peer that was too slow may be asked again after the longest time that a request may take.
    const since = time.now() - requestTimeoutMs
    const open = [...connection.open].filter(({ kind, sentAt }) => {
      return kind === request.kind && sentAt > since
    })
    if (open.length >= MOST_IN_FLIGHT[request.kind]) {
      const count = open.length + 1
      witness.fail(new Error(`${connection.peer} was asked ${count} ${request.kind} at once`))
    }
    witness.happen(`${request.kind} to ${connection.peer}`)
  }

  #lied(connection: PeerConnection, request: OpenRequest): void {
    const { time, witness, requestTimeoutMs } = this.#options
    witness.report.lies++
    const tookMs = time.now() - request.sentAt
    const isInTime = tookMs < Math.min(SHORTEST_TIMEOUT_MS, requestTimeoutMs)
    const isOfThisSync = this.#cycles.get(request) === witness.report.syncs
    if (isInTime && isOfThisSync) this.#liars.add(connection)
  }

  #dismissed(connection: PeerConnection, reason: Error | undefined): void {
    this.#connected.delete(connection.habits)
    if (reason === undefined || connection.lied) return
    this.#options.witness.fail(new Error(`${connection.peer} was dismissed: ${reason.message}`))
  }
}

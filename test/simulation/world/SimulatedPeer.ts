import { AsyncQueue } from '../../../src/base/AsyncQueue.ts'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import type { FramePipe } from '../../../src/pipes/FramePipe.ts'
import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import type { StateSource } from '../../../src/served/StateSource.ts'
import { decodeMessage } from '../../../src/snap/decodeMessage.ts'
import { encodeMessage } from '../../../src/snap/encodeMessage.ts'
import type { SnapRequest } from '../../../src/snap/SnapMessage.ts'
import type { SnapHandler } from '../../../src/snap/server/serveSnap.ts'
import { stateHandler } from '../../../src/snap/server/stateHandler.ts'
import { capped } from '../../support/peers/handlers.ts'
import type { Lie } from '../../support/peers/lies.ts'
import type { VirtualTime } from '../VirtualTime.ts'
import { bareAnswer, isBare, isEvidentLie } from './answers.ts'

type RequestKind = SnapRequest['kind']

/** How a peer is. */
export interface PeerHabits {
  readonly name: string
  /** How long an answer takes, the least and the most, in milliseconds. */
  readonly latencyMs: readonly [least: number, most: number]
  /** Of a thousand requests, how many are never answered. */
  readonly loss: number
  /** Bytes of an answer at most. */
  readonly answerBytes: number
  /** Kinds of request to which it never answers, and those to which it has nothing to say. */
  readonly silent: ReadonlySet<RequestKind>
  readonly bare: ReadonlySet<RequestKind>
  serves(root: Uint8Array): boolean
  readonly lies: readonly Lie[]
}

/** A request that a peer has not answered. */
export interface OpenRequest {
  readonly kind: RequestKind
  readonly sentAt: number
}

export interface ConnectionOptions {
  /** What the other side calls the peer. */
  name: string
  habits: PeerHabits
  source: StateSource
  time: VirtualTime
  random: SeededRandom
  /** A request has come, before it counts as open. */
  onRequest: (request: OpenRequest) => void
  /** A lie is about to arrive, and nobody could take it for honest. */
  onLie: (request: OpenRequest) => void
  /** The other side has ended the connection. */
  onDismissed: (reason: Error | undefined) => void
}

/** One connection to a peer that answers as its habits are. */
export class PeerConnection implements FramePipe {
  readonly transport = 'simulated'
  /**
   * Whether it has sent anything that an honest peer would not; and an answer with nothing in it.
   */
  lied = false
  wasBare = false
  readonly open = new Set<OpenRequest>()
  readonly #options: ConnectionOptions
  readonly #incoming = new AsyncQueue<Uint8Array>()
  readonly #honest: SnapHandler
  /** The same without a limit. */
  readonly #whole: SnapHandler
  #ended = false

  constructor(options: ConnectionOptions) {
    this.#options = options
    const { habits, source } = options
    this.#whole = stateHandler({
      state: (root) => (habits.serves(root) ? source.state(root) : undefined),
      code: (hash) => source.code(hash),
    })
    this.#honest = capped(this.#whole, habits.answerBytes)
  }

  get peer(): string {
    return this.#options.name
  }

  get ended(): boolean {
    return this.#ended
  }

  get habits(): PeerHabits {
    return this.#options.habits
  }

  send(frame: Uint8Array): void {
    if (this.#ended) return
    const { onRequest, time } = this.#options
    const request = decodeMessage(frame) as SnapRequest
    const open = { kind: request.kind, sentAt: time.now() }
    onRequest(open)
    this.open.add(open)
    void this.#answer(request, open)
  }

  close(reason?: Error): void {
    if (this.#ended) return
    this.#ended = true
    this.#incoming.abandon()
    this.#options.onDismissed(reason)
  }

  /** The peer leaves, with answers owed or not. */
  drop(): void {
    this.#ended = true
    this.#incoming.end()
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return this.#incoming[Symbol.asyncIterator]()
  }

  async #answer(request: SnapRequest, open: OpenRequest): Promise<void> {
    const { habits, time, random, onLie } = this.#options
    const [least, most] = habits.latencyMs
    const latency = least + random.below(most - least + 1)
    if (habits.silent.has(request.kind) || random.below(1000) < habits.loss) return
    const { frames, isLie } = await this.#frames(request)
    time.after(latency, () => {
      this.open.delete(open)
      if (this.#ended) return
      if (isLie) onLie(open)
      for (const frame of frames) this.#incoming.push(frame)
    })
  }

  /** What goes out for a request; `isLie`: nobody could take it for honest. */
  async #frames(request: SnapRequest): Promise<{ frames: Uint8Array[]; isLie: boolean }> {
    const { habits, random } = this.#options
    const served = await this.#honest(request)
    const honest = habits.bare.has(request.kind) ? bareAnswer(served) : served
    const frame = encodeMessage(honest)
    if (isBare(honest)) this.wasBare = true
    else if (random.below(4) > 0) {
      for (const lie of habits.lies) {
        const frames: Uint8Array[] = []
        const told = await lie.liar(this.#honest, (more) => frames.push(more))(request)
        frames.push(encodeMessage(told))
        // Most lies are about one kind of request, and some change nothing in a small answer.
        if (frames.length === 1 && compareBytes(frames[0]!, frame) === 0) continue
        this.lied = true
        this.wasBare ||= isBare(told)
        const isLie = frames.length > 1 || isEvidentLie(told, honest, await this.#whole(request))
        return { frames, isLie }
      }
    }
    return { frames: [frame], isLie: false }
  }
}

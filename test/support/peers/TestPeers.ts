import { FalseAnswerError } from '../../../src/pipes/errors.ts'
import type { FramePipe } from '../../../src/pipes/FramePipe.ts'
import { memoryPipes } from '../../../src/pipes/memoryPipes.ts'
import type { SnapRequest, SnapResponse } from '../../../src/snap/SnapMessage.ts'
import { type SnapHandler, serveSnap } from '../../../src/snap/server/serveSnap.ts'

/** One request and what became of it. */
export interface Exchange {
  peer: string
  request: SnapRequest
  /** `undefined` while it is not answered. */
  response: SnapResponse | undefined
}

/**
 * Peers in this process that may join and leave at any time; writes down all that they are asked.
 */
export class TestPeers implements AsyncIterable<FramePipe> {
  readonly exchanges: Exchange[] = []
  /** Names of the peers whose pipe was closed by the other side, and why. */
  readonly dismissed = new Map<string, string | undefined>()
  /**
   * Names of the peers that were told which of their answers was false, and the request whose it
   * was.
   */
  readonly refuted = new Map<string, SnapRequest | undefined>()
  /** The most requests of one kind that one peer had in flight. */
  mostInFlight = 0
  /** How many requests were answered. */
  answered = 0
  /** Hears of each request before it is answered. */
  onAsked: (request: SnapRequest) => void = () => {}
  /** Hears of each answer before it is sent. */
  onAnswered: () => void = () => {}
  readonly #arrivals: FramePipe[] = []
  readonly #ends = new Map<string, FramePipe>()
  #wake: () => void = () => {}
  #broken: unknown

  /** @param handlers join at once, by their names */
  constructor(handlers: Record<string, SnapHandler> = {}) {
    for (const [name, handler] of Object.entries(handlers)) this.join(name, handler)
  }

  /** Connects a peer that answers with `handler`; its end of the pipe is returned. */
  join(name: string, handler: SnapHandler): FramePipe {
    const [near, far] = memoryPipes([name, 'client'])
    const inFlight = new Map<string, number>()
    const record: SnapHandler = async (request) => {
      const exchange: Exchange = { peer: name, request, response: undefined }
      this.exchanges.push(exchange)
      this.onAsked(request)
      const count = (inFlight.get(request.kind) ?? 0) + 1
      inFlight.set(request.kind, count)
      this.mostInFlight = Math.max(this.mostInFlight, count)
      try {
        exchange.response = await handler(request)
        this.answered++
        this.onAnswered()
      } catch (error) {
        // Only a mistake in a test: without it the sync would wait for peers until the test's time
        // is over.
        this.#broken = error
        this.#wake()
        throw error
      }
      inFlight.set(request.kind, inFlight.get(request.kind)! - 1)
      return exchange.response
    }
    let why: unknown
    void serveSnap(far, record, { onFault: (error) => (why = error) }).then(() => {
      this.dismissed.set(name, why instanceof Error ? why.message : undefined)
      if (why instanceof FalseAnswerError) this.refuted.set(name, this.#answered(name, why))
    })
    this.#ends.set(name, far)
    this.#arrivals.push(near)
    this.#wake()
    return far
  }

  /** Breaks a peer's connection. */
  leave(name: string): void {
    this.#ends.get(name)!.close()
  }

  /** Puts any frame on a peer's connection. */
  send(name: string, frame: Uint8Array): void {
    void this.#ends.get(name)!.send(frame)
  }

  /** What was asked, of one kind. */
  asked<Kind extends SnapRequest['kind']>(kind: Kind): Extract<SnapRequest, { kind: Kind }>[] {
    return this.exchanges.flatMap(({ request }) => {
      return request.kind === kind ? [request as Extract<SnapRequest, { kind: Kind }>] : []
    })
  }

  #answered(name: string, { requestId }: FalseAnswerError): SnapRequest | undefined {
    return this.exchanges.find(({ peer, request, response }) => {
      return peer === name && request.id === requestId && response !== undefined
    })?.request
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FramePipe> {
    for (;;) {
      for (let pipe = this.#arrivals.shift(); pipe !== undefined; pipe = this.#arrivals.shift()) {
        yield pipe
      }
      if (this.#broken !== undefined) throw this.#broken
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

import type { SnapRequest } from 'cambium/server'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

/** How a request ended. */
export type RequestOutcome =
  /** With something. */
  | 'answered'
  /** With nothing: the state is not served, or there is nothing of what was asked for. */
  | 'empty'
  /** It was no request that snap/1 allows. */
  | 'refused'
  /** The bridge failed. */
  | 'failed'
  /** The peer went, or was dropped, before its answer had left. */
  | 'abandoned'

/** Why a peer lost its stream, or its connection, or got none. */
export type DropReason =
  /** It did not take its answer while others waited, or for a minute. */
  | 'slow'
  /** More was sent than is read. */
  | 'flood'
  /** A frame, or one of the layers below, was too large. */
  | 'oversized'
  /** It sent what is no request, or one that is not allowed. */
  | 'protocol'
  /** A handshake, or a frame, was begun and not finished in time. */
  | 'half-open'
  /** It had asked for nothing for a while, and others came. */
  | 'idle'
  /** There were as many connections as there may be, of its address or of all. */
  | 'full'
  /** Connections came too fast. */
  | 'too-fast'
  /** It, or its address, has broken the protocol lately. */
  | 'banned'

/** What is looked at when somebody asks for the metrics. */
export interface Gauges {
  /** By transport. */
  connections: () => Readonly<Record<string, number>>
  streams: () => number
  /** Different peer ids. */
  peers: () => number
  /** Requests that were begun and whose answer has not left. */
  inFlight: () => number
  /** Requests that wait for their turn. */
  waiting: () => number
  /** Bytes reserved for answers that have not left. */
  unsentBytes: () => number
  /** Number of the newest block. */
  head: () => number
  /** Bytes of answers that are kept for others. */
  cacheBytes: () => number
  /** Execution clients that the bridge asks: those connected, and all. */
  upstreams: () => { connected: number; known: number }
}

const PREFIX = 'cambium_bridge_'

/** From a small answer out of memory to one that a slow upstream gives, in seconds. */
const DURATION_BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.25, 1, 2.5, 10, 60]

/**
 * What a bridge counts, in the format of Prometheus, with the default metrics of the process. It
 * has a registry of its own: two bridges in one process do not mix.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export class BridgeMetrics {
  readonly #registry = new Registry()
  readonly #requests = this.#counter('requests_total', 'Requests that ended', ['kind', 'outcome'])
  readonly #bytes = this.#counter('answered_bytes_total', 'Bytes of answers', ['kind'])
  readonly #drops = this.#counter('drops_total', 'Peers dropped or refused', ['reason'])
  readonly #cache = this.#counter('cache_requests_total', 'Answers by where they came from', [
    'outcome',
  ])
  readonly #upstreamRequests = this.#counter(
    'upstream_requests_total',
    'Requests made to upstreams',
    ['kind', 'outcome'],
  )
  readonly #seconds = new Histogram({
    name: `${PREFIX}request_seconds`,
    help: 'From the arrival of a request to when its answer has left',
    labelNames: ['kind'],
    buckets: DURATION_BUCKETS,
    registers: [this.#registry],
  })

  constructor() {
    collectDefaultMetrics({ register: this.#registry })
  }

  /**
   * A request ended. `seconds` from its arrival to when the answer had left; `bytes` of the answer,
   * 0 without one.
   */
  requestEnded(
    kind: SnapRequest['kind'],
    { outcome, bytes, seconds }: { outcome: RequestOutcome; bytes: number; seconds: number },
  ): void {
    this.#requests.inc({ kind, outcome })
    this.#bytes.inc({ kind }, bytes)
    this.#seconds.observe({ kind }, seconds)
  }

  dropped(reason: DropReason): void {
    this.#drops.inc({ reason })
  }

  /** An answer came out of memory, from what another asked at the same time, or was made anew. */
  cached(outcome: 'hit' | 'joined' | 'miss'): void {
    this.#cache.inc({ outcome })
  }

  /** A request to an upstream ended; `outcome` is one of few words for people. */
  upstreamEnded(kind: SnapRequest['kind'], outcome: string): void {
    this.#upstreamRequests.inc({ kind, outcome })
  }

  /**
   * Says where values come from; those that are not given do not appear. May be called once for
   * each.
   */
  watch(gauges: Partial<Gauges>): void {
    const { connections, upstreams, ...plain } = gauges
    if (connections !== undefined) {
      this.#gauge('connections', 'Open connections', ['transport'], (gauge) => {
        for (const [transport, count] of Object.entries(connections())) {
          gauge.set({ transport }, count)
        }
      })
    }
    if (upstreams !== undefined) {
      this.#gauge('upstreams', 'Execution clients that are asked', ['state'], (gauge) => {
        const { connected, known } = upstreams()
        gauge.set({ state: 'connected' }, connected)
        gauge.set({ state: 'away' }, known - connected)
      })
    }
    for (const [name, read] of Object.entries(plain) as [keyof typeof PLAIN, () => number][]) {
      const [metric, help] = PLAIN[name]
      this.#gauge(metric, help, [], (gauge) => gauge.set(read()))
    }
  }

  /** @returns the metrics as text, and its content type */
  async read(): Promise<{ text: string; type: string }> {
    return { text: await this.#registry.metrics(), type: this.#registry.contentType }
  }

  #counter<Label extends string>(name: string, help: string, labelNames: Label[]): Counter<Label> {
    return new Counter({ name: PREFIX + name, help, labelNames, registers: [this.#registry] })
  }

  #gauge<Label extends string>(
    name: string,
    help: string,
    labelNames: Label[],
    read: (gauge: Gauge<Label>) => void,
  ): void {
    new Gauge({
      ...{ name: PREFIX + name, help, labelNames, registers: [this.#registry] },
      collect() {
        this.reset()
        read(this)
      },
    })
  }
}

const PLAIN: Readonly<
  Record<Exclude<keyof Gauges, 'connections' | 'upstreams'>, readonly [string, string]>
> = {
  streams: ['streams', 'Open streams of snap/1'],
  peers: ['peers', 'Different peer ids that are connected'],
  inFlight: ['in_flight_requests', 'Requests begun whose answer has not left'],
  waiting: ['waiting_requests', 'Requests that wait for their turn'],
  unsentBytes: ['unsent_bytes', 'Bytes reserved for answers that have not left'],
  head: ['head_number', 'Number of the newest block'],
  cacheBytes: ['cache_bytes', 'Bytes of answers kept for others'],
}

import type { CambiumError } from '../../base/CambiumError.ts'
import { type Clock, systemClock } from '../../base/Clock.ts'
import { countingPipe } from '../../pipes/countingPipe.ts'
import type { FramePipe } from '../../pipes/FramePipe.ts'
import { PeerProtocolError } from '../../snap/errors.ts'
import { SnapClient } from '../../snap/SnapClient.ts'
import type { Fault } from './Fault.ts'
import { OwedAnswers } from './OwedAnswers.ts'
import type { Peer } from './Peer.ts'
import { PeerRates } from './PeerRates.ts'
import { RequestWindow } from './RequestWindow.ts'
import type { WorkKind } from './WorkKind.ts'

export interface PeerPoolOptions {
  /** Told of each thing that a peer did wrong. */
  onFault?: ((fault: Fault) => void) | undefined
  /**
   * How long a peer may take for one answer at most, in milliseconds. @default 20 000, as a
   * browser's uplink is slower than a node's
   */
  requestTimeoutMs?: number | undefined
  /** Milliseconds of a clock that never goes back. @default performance.now */
  now?: (() => number) | undefined
  /** @default those of the platform */
  timers?: Clock | undefined
}

/** Why no peer can be asked now. */
export interface PoolWait {
  /** See `StallReason`. */
  reason: 'no-peer' | 'state-unavailable' | 'slow-peers' | 'peers-rest'
  /** Milliseconds until the first peer that rests is asked again. */
  restMs?: number
}

/** Who wants to know what happens in a pool. */
export interface PoolListener {
  /** A peer has joined or left, or can be asked again. */
  changed(): void
  /** A frame of so many bytes has come. */
  received(bytes: number): void
}

/**
 * The peers of a sync. They stay while one root follows the other: what is known of their speed,
 * and which of them owe an answer that nobody wants any more, outlives a cycle.
 *
 * @example
 * const pool = new PeerPool({ onFault })
 * pool.add(pipe)
 * await new Syncer({ store, verifier, pool, meter }).sync(root, signal)
 * pool.close()
 */
export class PeerPool {
  readonly #options: PeerPoolOptions
  readonly #now: () => number
  readonly #timers: Clock
  readonly #rates: PeerRates
  readonly #peers = new Set<Peer>()
  readonly #listeners = new Set<PoolListener>()

  constructor(options: PeerPoolOptions = {}) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#timers = options.timers ?? systemClock
    const timeoutLimitMs = options.requestTimeoutMs ?? 20_000
    this.#rates = new PeerRates({ now: this.#now, timeoutLimitMs })
  }

  get size(): number {
    return this.#peers.size
  }

  /** Whether a peer is still there. */
  has(peer: Peer): boolean {
    return this.#peers.has(peer)
  }

  /** Takes a connection; it leaves the pool when it ends. */
  add(pipe: FramePipe): void {
    const counted = countingPipe(pipe, (bytes) => {
      for (const listener of this.#listeners) listener.received(bytes)
    })
    const timers = this.#timers
    const client = new SnapClient(counted, { timers })
    const rate = this.#rates.add()
    const link = { rate, rates: this.#rates, owed: new OwedAnswers() }
    const onFree = () => this.#changed()
    const window = (kind: WorkKind) => {
      return new RequestWindow({ kind, ...link, timers, now: this.#now, onFree })
    }
    const peer: Peer = {
      client,
      rate,
      windows: {
        accounts: window('accounts'),
        storage: window('storage'),
        codes: window('codes'),
        healNodes: window('healNodes'),
        healCodes: window('healCodes'),
      },
    }
    this.#peers.add(peer)
    void client.closed.then((error) => {
      this.#remove(peer, error)
      if (error instanceof PeerProtocolError) this.blame(peer, error)
    })
    this.#changed()
  }

  /**
   * The peers that can be asked for something of a kind now, the fastest first. Among peers of
   * unknown speed, the one asked longest ago comes first: otherwise two that never answer could
   * take turns for ever.
   */
  idle(kind: WorkKind): Peer[] {
    const idle = [...this.#peers].filter(({ windows }) => windows[kind].next !== undefined)
    return idle.sort(({ windows: { [kind]: a } }, { windows: { [kind]: b } }) => {
      return b.perSecond - a.perSecond || a.takenAt - b.takenAt
    })
  }

  /**
   * What a sync waits for that wants more of its peers; `undefined` if one of them could be asked
   * now.
   */
  waitsFor(): PoolWait | undefined {
    if (this.#peers.size === 0) return { reason: 'no-peer' }
    const peers = [...this.#peers].map(({ windows }) => Object.values(windows))
    const rests = peers.flatMap((windows) => {
      return windows.map(({ restMs }) => restMs).filter((restMs) => restMs > 0)
    })
    const rest = rests.length > 0 ? { restMs: Math.min(...rests) } : {}
    if (peers.every((windows) => windows.some(({ isEmpty }) => isEmpty))) {
      return { reason: 'state-unavailable', ...rest }
    }
    if (peers.some((windows) => windows.some(({ isAsked }) => isAsked))) {
      return { reason: 'slow-peers' }
    }
    return rests.length > 0 ? { reason: 'peers-rest', ...rest } : undefined
  }

  /** Ends the connection to a peer that lied: it is not asked again. */
  dismiss(peer: Peer, reason: Error): void {
    this.#remove(peer, reason)
  }

  /** Tells of something that a peer did wrong. */
  blame({ client }: Peer, { code, message }: CambiumError): void {
    this.#options.onFault?.({ code, message, peer: client.peer })
  }

  /** A new cycle begins: peers that had nothing may have what is wanted now. */
  renew(): void {
    for (const window of this.#windows()) window.renew()
  }

  /** A cycle has ended: what is still on its way is not wanted any more. */
  giveUp(): void {
    for (const window of this.#windows()) window.giveUp()
  }

  /** @returns ends it */
  subscribe(listener: PoolListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Ends all connections. */
  close(): void {
    for (const peer of this.#peers) this.#remove(peer)
  }

  #windows(): RequestWindow[] {
    return [...this.#peers].flatMap(({ windows }) => Object.values(windows))
  }

  #remove(peer: Peer, reason?: Error): void {
    if (!this.#peers.delete(peer)) return
    this.#rates.remove(peer.rate)
    for (const window of Object.values(peer.windows)) window.stop()
    peer.client.close(reason)
    this.#changed()
  }

  #changed(): void {
    for (const listener of this.#listeners) listener.changed()
  }
}

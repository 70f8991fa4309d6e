import type { Connection } from '@libp2p/interface'
import { HalfOpenPeerError, HEAD_PROTOCOL, SNAP_PROTOCOL } from 'cambium/server'
import { IdlePeerError } from './errors.ts'

export interface ConnectionKeeperOptions {
  /** Milliseconds of a clock that never goes back. @default performance.now */
  now?: () => number
}

interface Use {
  /** When it was last seen to have a stream that the bridge serves. */
  served: number
  /** When it last asked for something. */
  active: number
}

/**
 * A connection without a stream that the bridge serves is closed after that time: a page opens one
 * at once.
 */
const UNUSED_MS = 30_000

/** Without room, a connection is closed that has asked for nothing for this time, in ms. */
const IDLE_MS = 60_000

/** Streams of a connection, those that are being opened included; a page has five at most. */
export const MAX_STREAMS = 16

const SERVED: readonly (string | undefined)[] = [SNAP_PROTOCOL, HEAD_PROTOCOL]

/** Knows what each connection is used for, and closes those that are of no use. */
export class IdleConnections {
  readonly #now: () => number
  readonly #uses = new Map<Connection, Use>()

  constructor({ now = () => performance.now() }: ConnectionKeeperOptions = {}) {
    this.#now = now
  }

  add(connection: Connection): void {
    const now = this.#now()
    this.#uses.set(connection, { served: now, active: now })
    connection.addEventListener('close', () => this.#uses.delete(connection))
  }

  /** It asks for something. */
  touch(connection: Connection): void {
    const use = this.#uses.get(connection)
    if (use !== undefined) use.active = this.#now()
  }

  /** Closes all connections that `of` chooses. */
  drop(error: Error, of: (connection: Connection) => boolean): void {
    for (const connection of [...this.#uses.keys()]) {
      if (of(connection)) connection.abort(error)
    }
  }

  /**
   * Closes the connection that has asked for nothing for longest, where that is long enough.
   * @returns whether there was one
   */
  makeRoom(): boolean {
    const now = this.#now()
    let idlest: Connection | undefined
    let since = now - IDLE_MS
    for (const [connection, { active }] of this.#uses) {
      if (active > since) continue
      idlest = connection
      since = active
    }
    idlest?.abort(new IdlePeerError(idlest.remotePeer.toString(), now - since))
    return idlest !== undefined
  }

  /** To be called every few seconds: closes those that are not used for what they are there for. */
  look(): void {
    const now = this.#now()
    for (const [connection, use] of [...this.#uses]) {
      const peer = connection.remotePeer.toString()
      const { streams } = connection
      if (streams.length > MAX_STREAMS) {
        connection.abort(
          new HalfOpenPeerError(peer, `${streams.length} streams, at most ${MAX_STREAMS}`),
        )
      } else if (streams.some(({ protocol }) => SERVED.includes(protocol))) {
        use.served = now
      } else if (now - use.served >= UNUSED_MS) {
        connection.abort(new HalfOpenPeerError(peer, `no stream for ${UNUSED_MS} ms`))
      }
    }
  }
}

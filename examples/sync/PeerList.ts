import type { ConnectionEvent } from 'cambium'

export type PeerStatus = 'connecting' | 'connected' | 'waiting' | 'closed'

/** One bridge as the page shows it. */
export interface PeerRow {
  /** Its peer id, or the whole address where that names none. */
  peer: string
  /** The address that was tried last. */
  address: string
  /** Of the connection, or of the last one; `undefined` before the first. */
  transport: string | undefined
  status: PeerStatus
  /** Why there is no connection. */
  reason: string | undefined
  /** When the next try follows, in ms since 1970. */
  retryAt: number | undefined
}

/**
 * The bridges of a run, put together from its connection events: one row per peer id, by whichever
 * transport.
 */
export class PeerList {
  #rows = new Map<string, PeerRow>()

  get rows(): readonly PeerRow[] {
    return [...this.#rows.values()]
  }

  clear(): void {
    this.#rows.clear()
  }

  /** @param now ms since 1970 */
  apply(event: ConnectionEvent, now: number): void {
    const peer = peerIn(event.address)
    const row: PeerRow = {
      peer,
      address: event.address,
      transport: this.#rows.get(peer)?.transport,
      status: 'connecting',
      reason: undefined,
      retryAt: undefined,
    }
    if (event.type === 'connected') {
      row.status = 'connected'
      row.transport = event.transport
    } else if (event.type === 'closed') {
      row.status = 'closed'
    } else if (event.type === 'lost') {
      row.status = 'closed'
      row.reason = event.reason
    } else if (event.type === 'retry') {
      row.status = 'waiting'
      row.reason = event.reason
      row.retryAt = now + event.inMs
    }
    this.#rows.set(peer, row)
  }

  /** Everything is closed: the run has ended, and nothing tries again. */
  end(): void {
    for (const row of this.#rows.values()) {
      row.status = 'closed'
      row.reason = undefined
      row.retryAt = undefined
    }
  }
}

function peerIn(address: string): string {
  return address.split('/p2p/').at(-1) ?? address
}

import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'
import type { DropReason } from '../metrics/BridgeMetrics.ts'
import type { AddressGroups } from './AddressGroups.ts'
import type { BridgeLimits } from './BridgeLimits.ts'
import type { TemporaryBans } from './TemporaryBans.ts'
import { TokenBucket } from './TokenBucket.ts'

export interface ConnectionGateOptions {
  limits: Pick<BridgeLimits, 'maxConnections' | 'maxConnectionsPerIp'>
  addresses: AddressGroups
  bans: TemporaryBans
  /** Closes a connection that is of little use. @returns whether there was one */
  makeRoom: () => boolean
  /** Told of each connection that is let in, before its handshake. */
  onAccept?: (connection: MultiaddrConnection) => void
  /**
   * Told of each connection that was let in and ends: what ended it, where it did not just end, and
   * whose it was: its address, or its peer id where many share the address.
   */
  onClose?: (
    connection: MultiaddrConnection,
    end: { error: Error | undefined; who: string | undefined },
  ) => void
  onRefuse: (reason: DropReason, connection: MultiaddrConnection) => void
  /** When it aborts, nobody is let in. */
  stopping: AbortSignal
  /** Milliseconds of a clock that never goes back. @default performance.now */
  now?: () => number
}

interface Group {
  open: number
  arrivals: TokenBucket
}

/**
 * New connections per second, of one address and of all: each takes some 10 ms of the bridge's
 * thread, half of it for its handshake, so that these are a tenth of a core. All of an address, and
 * all there may be, may come at once, as they do after a restart.
 */
const ARRIVALS_PER_IP = 1
const ARRIVALS = 10

/** Addresses that have no connection are forgotten when there are more. */
const MAX_GROUPS = 1024

/**
 * Decides who may connect, before the handshake: so many connections of an address and in all, so
 * many new ones per second, nobody who is banned.
 */
export class ConnectionGate implements ConnectionGater {
  readonly #options: ConnectionGateOptions
  readonly #groups = new Map<string, Group>()
  readonly #arrivals: TokenBucket
  /** Those whose handshake is over. */
  readonly #peers = new WeakMap<MultiaddrConnection, string>()
  #open = 0

  constructor(options: ConnectionGateOptions) {
    this.#options = options
    this.#arrivals = this.#bucket(ARRIVALS, Math.max(ARRIVALS, options.limits.maxConnections))
  }

  /** Called by libp2p for each connection that its own limits let pass. */
  denyInboundConnection(connection: MultiaddrConnection): boolean {
    const { addresses, bans, onAccept, onClose, onRefuse, stopping } = this.#options
    if (stopping.aborted) return true
    const name = addresses.groupOf(connection.remoteAddr)
    const group = name === undefined ? undefined : this.#group(name)
    const reason = name !== undefined && bans.has(name) ? 'banned' : this.#reasonAgainst(group)
    if (reason !== undefined) {
      onRefuse(reason, connection)
      return true
    }
    this.#open++
    if (group !== undefined) group.open++
    connection.addEventListener('close', ({ error }) => {
      this.#open--
      if (group !== undefined) group.open--
      onClose?.(connection, { error, who: name ?? this.#peers.get(connection) })
    })
    onAccept?.(connection)
    return false
  }

  /** Called by libp2p once it knows the peer id: who shares an address is banned by that. */
  denyInboundEncryptedConnection(peer: PeerId, connection: MultiaddrConnection): boolean {
    this.#peers.set(connection, peer.toString())
    if (!this.#options.bans.has(peer.toString())) return false
    this.#options.onRefuse('banned', connection)
    return true
  }

  #reasonAgainst(group: Group | undefined): DropReason | undefined {
    const { limits, makeRoom } = this.#options
    if (group !== undefined) {
      if (group.open >= limits.maxConnectionsPerIp) return 'full'
      if (!group.arrivals.tryTake(1)) return 'too-fast'
    }
    if (!this.#arrivals.tryTake(1)) return 'too-fast'
    if (this.#open >= limits.maxConnections && !makeRoom()) return 'full'
    return undefined
  }

  #group(name: string): Group {
    let group = this.#groups.get(name)
    if (group !== undefined) return group
    if (this.#groups.size >= MAX_GROUPS) {
      for (const [other, { open, arrivals }] of this.#groups) {
        if (open === 0 && arrivals.full) this.#groups.delete(other)
      }
    }
    const { maxConnectionsPerIp } = this.#options.limits
    group = { open: 0, arrivals: this.#bucket(ARRIVALS_PER_IP, maxConnectionsPerIp) }
    this.#groups.set(name, group)
    return group
  }

  #bucket(perSecond: number, burst: number): TokenBucket {
    const { now } = this.#options
    return new TokenBucket({ perSecond, burst, ...(now && { now }) })
  }
}

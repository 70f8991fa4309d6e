import type { Server, Socket } from 'node:net'
import type { Connection, ConnectionGater } from '@libp2p/interface'
import type { Libp2p } from 'libp2p'
import type { BridgeLogger } from '../BridgeLogger.ts'
import type { BridgeMetrics, DropReason } from '../metrics/BridgeMetrics.ts'
import { dropReason } from '../metrics/dropReason.ts'
import { AddressGroups } from './AddressGroups.ts'
import type { BridgeLimits } from './BridgeLimits.ts'
import { ConnectionGate } from './ConnectionGate.ts'
import { BannedPeerError } from './errors.ts'
import { IdleConnections } from './IdleConnections.ts'
import { limitHttpSockets } from './sockets/limitHttpSockets.ts'
import { SocketGuard } from './sockets/SocketGuard.ts'
import { TemporaryBans } from './TemporaryBans.ts'

export interface GuardOptions {
  limits: BridgeLimits
  metrics: BridgeMetrics
  logger: BridgeLogger
  /** When it aborts, nobody is let in any more. */
  stopping: AbortSignal
}

/** What keeps the connections of a bridge within its limits, for those who make and serve them. */
export interface ConnectionsGuard {
  gate: ConnectionGater
  onServer: (server: Server) => void
  /** A handshake was not begun. */
  onRefuse: () => void
  /** To be called with the node as soon as there is one. */
  watch: (node: Libp2p) => void
  /**
   * Under which name a connection shares with others: its address, or its peer id where many share
   * the address.
   */
  whose: (connection: Connection) => string
  /** Whether a socket of the HTTP port may stay. */
  admitsSocket: (socket: Socket) => boolean
  onActive: (connection: Connection) => void
  onFault: (connection: Connection, error: unknown) => void
}

/** How often connections are looked at, in milliseconds. */
const LOOK_MS = 5_000

/** What an honest client never does, however slow or far it is. */
const FAULTS: readonly (DropReason | undefined)[] = ['flood', 'oversized', 'protocol', 'half-open']

/** Puts the gate, the idle connections, the guard of sockets and the bans together. */
export function guardConnections(options: GuardOptions): ConnectionsGuard {
  const { limits, metrics, logger, stopping } = options
  const addresses = new AddressGroups(limits.sharedIps)
  const bans = new TemporaryBans()
  const whose = ({ remoteAddr, remotePeer }: Connection) =>
    addresses.groupOf(remoteAddr) ?? remotePeer.toString()

  function refused(reason: DropReason, address: string | undefined): void {
    metrics.dropped(reason)
    logger.debug({ reason, address }, 'connection refused')
  }

  /** Something ended a stream or a connection. */
  function fault(error: unknown, who: string | undefined, peer: object): void {
    const reason = dropReason(error)
    if (reason === undefined) return
    metrics.dropped(reason)
    logger.debug({ ...peer, reason, why: (error as Error).message }, 'peer dropped')
    if (who === undefined || !FAULTS.includes(reason) || !bans.note(who)) return
    logger.debug(peer, 'peer banned')
    idle.drop(new BannedPeerError(who), (other) => whose(other) === who)
  }

  const idle = new IdleConnections()
  const sockets = new SocketGuard({ limits, addresses, onDrop: refused })
  const gate = new ConnectionGate({
    ...{ limits, addresses, bans, stopping },
    makeRoom: () => idle.makeRoom(),
    onAccept: (connection) => sockets.adopt(connection),
    onClose: ({ remoteAddr }, { error, who }) =>
      fault(error, who, { address: remoteAddr.toString() }),
    onRefuse: (reason, { remoteAddr }) => refused(reason, remoteAddr.toString()),
  })
  return {
    gate: {
      denyInboundConnection: (connection) => gate.denyInboundConnection(connection),
      denyInboundEncryptedConnection: (peer, connection) =>
        gate.denyInboundEncryptedConnection(peer, connection),
    },
    onServer: (server) => sockets.watch(server),
    onRefuse: () => refused('too-fast', undefined),
    watch(node) {
      node.addEventListener('connection:open', ({ detail }) => idle.add(detail))
      const timer = setInterval(() => idle.look(), LOOK_MS).unref()
      stopping.addEventListener('abort', () => clearInterval(timer))
    },
    whose,
    admitsSocket: limitHttpSockets(limits, addresses),
    onActive: (connection) => idle.touch(connection),
    onFault(connection, error) {
      const { remotePeer, remoteAddr } = connection
      const peer = { peer: remotePeer.toString(), address: remoteAddr.toString() }
      fault(error, whose(connection), peer)
    },
  }
}

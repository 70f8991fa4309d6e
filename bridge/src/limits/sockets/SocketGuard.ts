import type { Server, Socket } from 'node:net'
import type { MultiaddrConnection } from '@libp2p/interface'
import { tryGetNetConfig } from '@libp2p/utils'
import type { DropReason } from '../../metrics/BridgeMetrics.ts'
import type { AddressGroups } from '../AddressGroups.ts'
import type { BridgeLimits } from '../BridgeLimits.ts'
import { TokenBucket } from '../TokenBucket.ts'

export interface SocketGuardOptions {
  limits: Pick<BridgeLimits, 'maxConnections' | 'maxConnectionsPerIp'>
  addresses: AddressGroups
  onDrop: (reason: DropReason, host: string | undefined) => void
}

/** A TCP connection that is no WebSocket yet after that time is closed. */
const UPGRADE_TIMEOUT_MS = 10_000

/**
 * One that libp2p has given up is closed for good after that time, in which its last words leave.
 */
const CLOSE_TIMEOUT_MS = 1_000

/** Of those that are no WebSocket yet, the oldest is closed when there are more. */
const MAX_UPGRADING = 64

/**
 * Bytes per second that are read of one address, and at once. A faster sender is not read for a
 * while. Requests that heal have up to 70 KB for some hundred KB of answers, and a page heals no
 * more than a few MB a second.
 */
const BYTES_PER_SECOND = 2 * 2 ** 20
const BYTES_AT_ONCE = 4 * 2 ** 20

/** Beside its connections, an address may have as many that are being opened or closed. */
const SPARE_PER_IP = 4

interface Group {
  sockets: number
  bytes: TokenBucket
}

/**
 * Watches the TCP connections below WebSockets. libp2p counts a connection only when its WebSocket
 * is open: it waits for ever for one that sends nothing, or half of a request, and leaves open for
 * as long as the peer likes what it has refused or given up (`ws` knows no code 1006 to close
 * with).
 */
export class SocketGuard {
  readonly #options: SocketGuardOptions
  /** By address and port. */
  readonly #upgrading = new Map<string, Socket>()
  readonly #open = new Map<string, Socket>()
  readonly #groups = new Map<string, Group>()

  constructor(options: SocketGuardOptions) {
    this.#options = options
  }

  watch(server: Server): void {
    server.on('connection', (socket) => this.#add(socket))
  }

  /** libp2p has made a connection of a socket: from now on it is closed with that. */
  adopt(connection: MultiaddrConnection): void {
    const { host, port } = tryGetNetConfig(connection.remoteAddr) ?? {}
    const key = keyOf(host, port)
    const socket = this.#upgrading.get(key)
    if (socket === undefined) return
    this.#upgrading.delete(key)
    const group = this.#options.addresses.groupOfHost(host)
    this.#slow(
      socket,
      (group === undefined ? undefined : this.#groups.get(group)?.bytes) ?? bytes(),
    )
    connection.addEventListener('close', () => {
      setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS).unref()
    })
  }

  #add(socket: Socket): void {
    const { limits, addresses, onDrop } = this.#options
    const name = addresses.groupOfHost(socket.remoteAddress)
    const group = name === undefined ? undefined : (this.#groups.get(name) ?? newGroup())
    if (
      (group?.sockets ?? 0) >= limits.maxConnectionsPerIp + SPARE_PER_IP ||
      this.#open.size >= limits.maxConnections + MAX_UPGRADING
    ) {
      onDrop('full', socket.remoteAddress)
      socket.destroy()
      return
    }
    const key = keyOf(socket.remoteAddress, socket.remotePort)
    this.#open.set(key, socket)
    this.#upgrading.set(key, socket)
    if (name !== undefined && group !== undefined) {
      group.sockets++
      this.#groups.set(name, group)
    }
    const timer = setTimeout(() => this.#dropUpgrading(key, socket), UPGRADE_TIMEOUT_MS)
    socket.once('close', () => {
      clearTimeout(timer)
      this.#open.delete(key)
      this.#upgrading.delete(key)
      if (name === undefined || group === undefined) return
      group.sockets--
      if (group.sockets === 0) this.#groups.delete(name)
    })
    if (this.#upgrading.size <= MAX_UPGRADING) return
    const [oldest] = this.#upgrading
    this.#dropUpgrading(...oldest!)
  }

  /** Does not read what is more than the bucket has, so that TCP tells the other end to wait. */
  #slow(socket: Socket, bucket: TokenBucket): void {
    socket.on('data', ({ length }) => {
      bucket.take(length)
      const { waitMs } = bucket
      if (waitMs === 0) return
      socket.pause()
      setTimeout(() => socket.resume(), waitMs).unref()
    })
  }

  #dropUpgrading(key: string, socket: Socket): void {
    if (!this.#upgrading.delete(key)) return
    this.#options.onDrop('half-open', socket.remoteAddress)
    socket.destroy()
  }
}

function bytes(): TokenBucket {
  return new TokenBucket({ perSecond: BYTES_PER_SECOND, burst: BYTES_AT_ONCE })
}

function newGroup(): Group {
  return { sockets: 0, bytes: bytes() }
}

function keyOf(host: string | undefined, port: number | undefined): string {
  return `${host} ${port}`
}

import { createSocket } from 'node:dgram'
import { createServer, isIPv6 } from 'node:net'
import { CambiumError } from 'cambium/server'

/** A port that is not a port, or that cannot be listened on: taken, or not allowed. */
export class PortError extends CambiumError {
  constructor(what: string, port: unknown, why: string, options?: { cause?: unknown }) {
    super('PORT', `${what} port ${port}: ${why}`, options)
  }
}

/** An address to listen on that is not one of this machine, or no IP address at all. */
export class HostError extends CambiumError {
  constructor(host: unknown, why: string, options?: { cause?: unknown }) {
    super('HOST', `host ${JSON.stringify(host)}: ${why}`, options)
  }
}

/**
 * A port that can be listened on now: `port` itself, or for 0 a free one. The libraries below
 * WebRTC and WebSocket say little about a port that is taken, and the one below WebRTC cannot
 * choose one.
 *
 * @param what names the port in errors: `'WebRTC'`
 * @throws {PortError} when `port` is not an integer from 0 to 65535, or taken, or not allowed
 * @throws {HostError} when the machine does not have that address
 */
export function freePort(
  what: string,
  protocol: 'udp' | 'tcp',
  host: string,
  port: number,
): Promise<number> {
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    return Promise.reject(new PortError(what, port, 'must be an integer from 0 to 65535'))
  }
  return new Promise((resolve, reject) => {
    const failed = (cause: NodeJS.ErrnoException) => reject(listenError(what, host, port, cause))
    if (protocol === 'udp') {
      const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4').once('error', failed)
      socket.bind({ port, address: host, exclusive: true }, () => {
        const free = socket.address().port
        socket.close(() => resolve(free))
      })
    } else {
      const server = createServer().once('error', failed)
      server.listen({ port, host, exclusive: true }, () => {
        const address = server.address()
        const free = typeof address === 'object' && address !== null ? address.port : port
        server.close(() => resolve(free))
      })
    }
  })
}

function listenError(what: string, host: string, port: number, cause: NodeJS.ErrnoException) {
  if (cause.code === 'EADDRNOTAVAIL' || cause.code === 'EINVAL') {
    return new HostError(host, 'not an address of this machine', { cause })
  }
  if (cause.code === 'EADDRINUSE') return new PortError(what, port, 'already in use', { cause })
  if (cause.code === 'EACCES') return new PortError(what, port, 'not allowed', { cause })
  return new PortError(what, port, cause.message, { cause })
}

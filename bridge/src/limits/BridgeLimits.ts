import { LimitsError } from './errors.ts'

/** How much of a bridge all peers together may have, and how much one of them. */
export interface BridgeLimits {
  /** Connections at a time. @default 256 */
  maxConnections: number
  /** Those of one address: an IPv4 address, or an IPv6 network of 64 bits. @default 16 */
  maxConnectionsPerIp: number
  /** Bytes per second of answers, to all peers together; `Infinity` for any. @default 128 MiB */
  bytesPerSecond: number
  /**
   * The same for one address. A client that has had more waits; none is dropped for it. @default 32
   * MiB
   */
  bytesPerSecondPerIp: number
  /**
   * Addresses and networks that many peers share, such as a proxy's: there, what holds for an
   * address holds for each peer id, and no number of connections is too many. @default loopback:
   * `127.0.0.0/8`, `::1`
   */
  sharedIps: readonly string[]
  /** Addresses and networks to refuse, as `203.0.113.0/24`. @default none */
  deniedIps: readonly string[]
}

/**
 * A page has one connection. What peers may send ahead, two streams of 384 KiB of requests each, is
 * 192 MiB for 256 of them, and what they do not read is bounded for all of them together: what a
 * small machine can hold.
 */
export const DEFAULT_LIMITS: BridgeLimits = {
  maxConnections: 256,
  // A household, or an office with a few wallets.
  maxConnectionsPerIp: 16,
  // What fills a link of 1 Gbit/s.
  bytesPerSecond: 128 * 2 ** 20,
  // More than a page can prove and store.
  bytesPerSecondPerIp: 32 * 2 ** 20,
  sharedIps: ['127.0.0.0/8', '::1'],
  deniedIps: [],
}

/** @throws {LimitsError} when a number is none that limits anything; a rate of 0 is no limit */
export function checkLimits(limits: BridgeLimits): void {
  const { maxConnections, maxConnectionsPerIp, bytesPerSecond, bytesPerSecondPerIp } = limits
  for (const [name, value] of Object.entries({ maxConnections, maxConnectionsPerIp })) {
    if (!(value >= 1)) throw new LimitsError(name, 'at least 1', value)
  }
  for (const [name, value] of Object.entries({ bytesPerSecond, bytesPerSecondPerIp })) {
    if (!(value >= 0)) throw new LimitsError(name, 'at least 0, which is no limit', value)
  }
}

import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { tryGetNetConfig } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'

/** An IPv4 address behind an IPv6 one, as sockets that listen on `::` tell it. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/**
 * Groups of 16 bits that name a network of 64: what one host is given, and may change within as it
 * likes.
 */
const NETWORK_GROUPS = 4

/** Tells peers apart by their addresses: a peer id costs nothing, an address does. */
export class AddressGroups {
  readonly #shared = new BlockList()

  /** @param shared addresses and networks that many peers share, as `10.0.0.0/8` */
  constructor(shared: readonly string[]) {
    for (const network of shared) {
      const [address = '', bits] = network.split('/')
      const family = isIPv6(address) ? 'ipv6' : 'ipv4'
      this.#shared.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family)
    }
  }

  /**
   * What all connections from one place have in common: an IPv4 address, or the network of an IPv6
   * address; `undefined` for an address that many share, and for an unknown one.
   */
  groupOf(address: Multiaddr): string | undefined {
    return this.groupOfHost(tryGetNetConfig(address)?.host)
  }

  /** The same for an IP address as sockets have it. */
  groupOfHost(host: string | undefined): string | undefined {
    const ip = host?.match(MAPPED)?.[1] ?? host
    if (ip === undefined) return undefined
    if (isIPv4(ip)) return this.#shared.check(ip) ? undefined : ip
    if (!isIPv6(ip)) return undefined
    return this.#shared.check(ip, 'ipv6') ? undefined : networkOf(ip)
  }
}

/** `2001:db8::1` → `2001:db8:0:0::/64` */
function networkOf(ip: string): string {
  const [head = '', tail = ''] = ip.replace(/%.*$/, '').split('::')
  const groups = head === '' ? [] : head.split(':')
  const after = tail === '' ? 0 : tail.split(':').length
  // Zeros stand for as many groups as are missing; an embedded IPv4 address is never among the
  // first four.
  while (groups.length + after < 8 && groups.length < NETWORK_GROUPS) groups.push('0')
  const all = [...groups, ...tail.split(':')].slice(0, NETWORK_GROUPS)
  return `${all.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}

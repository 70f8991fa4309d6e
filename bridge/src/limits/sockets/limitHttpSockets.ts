import { BlockList, isIPv4, type Socket } from 'node:net'
import type { AddressGroups } from '../AddressGroups.ts'
import type { BridgeLimits } from '../BridgeLimits.ts'

/**
 * Admits sockets of the HTTP port: none of a denied address, and of each other as many as
 * connections of libp2p.
 */
export function limitHttpSockets(
  limits: Pick<BridgeLimits, 'deniedIps' | 'maxConnectionsPerIp'>,
  addresses: AddressGroups,
): (socket: Socket) => boolean {
  const open = new Map<string, number>()
  const denied = new BlockList()
  for (const network of limits.deniedIps) {
    const [address = '', bits] = network.split('/')
    const isV4 = isIPv4(address)
    denied.addSubnet(address, Number(bits ?? (isV4 ? 32 : 128)), isV4 ? 'ipv4' : 'ipv6')
  }
  return (socket) => {
    const host = socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, '')
    if (host === undefined || denied.check(host, isIPv4(host) ? 'ipv4' : 'ipv6')) return false
    const group = addresses.groupOfHost(host)
    if (group === undefined) return true
    const count = (open.get(group) ?? 0) + 1
    if (count > limits.maxConnectionsPerIp) return false
    open.set(group, count)
    socket.once('close', () => {
      const left = (open.get(group) ?? 1) - 1
      if (left > 0) open.set(group, left)
      else open.delete(group)
    })
    return true
  }
}

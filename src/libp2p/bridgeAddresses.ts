import { CODE_CERTHASH, CODE_P2P, type Multiaddr, multiaddr } from '@multiformats/multiaddr'
import { WebRTCDirect, WebSockets, WebSocketsSecure } from '@multiformats/multiaddr-matcher'
import { MultiaddrError } from './errors.ts'
import type { Libp2pAddress } from './Libp2pNode.ts'

/** How a bridge can be reached. */
export type Transport = 'webrtc' | 'websocket'

export interface BridgeAddress {
  transport: Transport
  multiaddr: Libp2pAddress
}

/** Which transport a multiaddr names, or `undefined` for one that is not spoken here. */
export function transportOf(address: Libp2pAddress): Transport | undefined {
  const parsed = address as Multiaddr
  if (WebRTCDirect.matches(parsed)) return 'webrtc'
  if (WebSockets.matches(parsed) || WebSocketsSecure.matches(parsed)) return 'websocket'
  return undefined
}

/**
 * Sorts addresses by bridge: all with one peer id are ways to the same bridge, in the order in
 * which `transports` names them.
 *
 * @returns peer id → its addresses; bridges that none of `transports` reaches are left out
 * @throws {MultiaddrError} when an address is malformed, names no peer id, or a transport that is
 *   not spoken here; when there is no address at all, or none that `transports` reaches
 */
export function bridgeAddresses(
  bridges: readonly string[],
  transports: readonly Transport[],
): Map<string, BridgeAddress[]> {
  const all = bridges.map(parse)
  const peers = new Map<string, BridgeAddress[]>()
  for (const transport of transports) {
    for (const { peer, address } of all) {
      if (address.transport !== transport) continue
      peers.set(peer, [...(peers.get(peer) ?? []), address])
    }
  }
  if (peers.size === 0) {
    throw new MultiaddrError(bridges.join(' '), `none is reached by ${transports.join(' or ')}`)
  }
  return peers
}

function parse(text: string): { peer: string; address: BridgeAddress } {
  let parsed: Libp2pAddress
  try {
    if (typeof text !== 'string') throw new TypeError('not a string')
    parsed = multiaddr(text)
  } catch (cause) {
    throw new MultiaddrError(text, `not a multiaddr (${(cause as Error).message})`, { cause })
  }
  const transport = transportOf(parsed)
  if (transport === undefined) {
    throw new MultiaddrError(text, 'neither WebRTC-direct nor WebSocket')
  }
  const components = parsed.getComponents()
  if (transport === 'webrtc' && !components.some(({ code }) => code === CODE_CERTHASH)) {
    throw new MultiaddrError(text, 'lacks the hash of the certificate, /certhash/…')
  }
  const peer = components.findLast(({ code }) => code === CODE_P2P)?.value
  if (peer === undefined) throw new MultiaddrError(text, 'does not end with the peer id, /p2p/…')
  return { peer, address: { transport, multiaddr: parsed } }
}

import type { Connection, Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import type { Transport } from '../../src/libp2p/bridgeAddresses.ts'
import { pageNode } from '../../src/libp2p/pageNode.ts'
import { provideWebSocket } from '../../test/support/libp2p/nodeWebSocket.ts'
import type { Bridge } from '../src/createBridge.ts'

/**
 * A bare libp2p connection to a bridge, for what no honest client does; closed when the test ends.
 *
 * @param from address to come from, over WebSocket: all of 127.0.0.0/8 belong to this machine
 */
export async function dialBridge(
  bridge: Pick<Bridge, 'multiaddrs'>,
  transport: Transport,
  from?: string,
): Promise<Connection> {
  provideWebSocket()
  const node = (await pageNode(5_000)) as Libp2p
  onTestFinished(() => node.stop())
  const address = bridge.multiaddrs.find(
    (text) => text.includes('/ws/') === (transport === 'websocket'),
  )
  if (from === undefined) return node.dial(multiaddr(address))
  class Bound extends WebSocket {
    constructor(url: string) {
      super(url, { localAddress: from } as object)
    }
  }
  const { WebSocket: unbound } = globalThis
  Object.assign(globalThis, { WebSocket: Bound })
  try {
    return await node.dial(multiaddr(address))
  } finally {
    Object.assign(globalThis, { WebSocket: unbound })
  }
}

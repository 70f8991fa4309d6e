import { AsyncLocalStorage } from 'node:async_hooks'
import { multiaddr } from '@multiformats/multiaddr'
import { WebSocket } from 'ws'

/** The address that a dial comes from. */
const from = new AsyncLocalStorage()

/**
 * All of 127.0.0.0/8 belongs to this machine, so that each client can have an address of its own.
 */
class BoundWebSocket extends WebSocket {
  /** @param {string} url */
  constructor(url) {
    super(url, { localAddress: from.getStore() })
  }
}

/**
 * Connects as a page does: a libp2p node and a peer id of its own.
 *
 * @param {string} address multiaddr of the bridge
 * @param {string | undefined} localAddress where a WebSocket comes from; WebRTC comes from
 *   127.0.0.1
 * @returns {Promise<{connection: import('@libp2p/interface').Connection, stop: () =>
 *   Promise<void>}>}
 */
export async function connectTo(address, localAddress) {
  Object.assign(globalThis, { WebSocket: BoundWebSocket })
  // Not before `npm run setup` has compiled the library.
  const { clientNode } = await import('./clientNode.mjs')
  const node = await clientNode(10_000)
  const stop = async () => void (await node.stop())
  try {
    const connection = await from.run(localAddress, () => node.dial(multiaddr(address)))
    return { connection, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

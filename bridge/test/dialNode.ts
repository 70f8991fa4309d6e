import type { Socket } from 'node:net'
import { ETH, RLPx } from '@ethereumjs/devp2p'
import { type Input, type NestedUint8Array, RLP } from '@ethereumjs/rlp'
import { concatBytes } from '@noble/hashes/utils.js'
import { AsyncQueue, type FramePipe } from 'cambium/server'
import { chainCommon } from './chainCommon.ts'
import { rawCapability, type SendRaw } from './rawCapability.ts'

export interface DialOptions {
  /**
   * The version of `eth` to speak. @default 69, which takes network and genesis from the node's
   * status
   */
  version?: 68 | 69
  /** What to say instead of the node's network id; eth/68 needs it. */
  networkId?: number | undefined
  /** eth/68 needs it. */
  genesisHash?: Uint8Array
}

/** A connection to an execution client, as another one has it. */
export interface NodeConnection {
  /** snap/1. */
  snap: FramePipe
  /** What came over `eth`, in order; of eth/69 the status too. */
  eth: readonly (readonly [code: number, message: NestedUint8Array])[]
  /** Sends a message over `eth`. */
  send(code: number, message: Input): void
  /** Why devp2p says that it ended; `'cut'` without a reason, `undefined` while it stands. */
  readonly closed: unknown
}

/**
 * Connects to an execution client with devp2p's own RLPx, and says hello and the status. The caller
 * closes `snap`.
 *
 * @param enode `enode://KEY@ADDRESS:PORT`
 * @returns resolves when the handshake of `eth` is sent; the node may still refuse it
 */
export async function dialNode(enode: string, options: DialOptions = {}): Promise<NodeConnection> {
  const { version = 69, networkId, genesisHash = new Uint8Array(32) } = options
  const eth: [number, NestedUint8Array][] = []
  const frames = new AsyncQueue<Uint8Array>()
  let closed: unknown
  let greeted = () => {}
  const greeting = new Promise<void>((resolve) => {
    greeted = resolve
  })
  let sendSnap: SendRaw = () => {}
  let sendEth: NodeConnection['send'] = () => {}

  const snap = rawCapability({ name: 'snap', version: 1, length: 8 }, (_, send) => {
    sendSnap = send
    return (code, rlp) => frames.push(concatBytes(Uint8Array.of(code), rlp))
  })
  const eth69 = rawCapability({ name: 'eth', version: 69, length: 18 }, (_, send) => {
    sendEth = (code, message) => send(code, RLP.encode(message))
    return (code, rlp) => {
      const message = RLP.decode(rlp) as NestedUint8Array
      eth.push([code, message])
      if (code !== 0) return
      send(0, RLP.encode([message[0]!, networkId ?? message[1]!, ...message.slice(2)]))
      greeted()
    }
  })
  function openEth68(protocol: ETH): void {
    sendEth = (code, message) => protocol.sendMessage(code as 3, message)
    protocol.events.on('message', (code, message) => eth.push([code, message as NestedUint8Array]))
    protocol.sendStatus({ td: Uint8Array.of(1), bestHash: genesisHash, genesisHash })
    protocol.events.once('status', () => greeted())
  }

  const rlpx = new RLPx(new Uint8Array(32).fill(9), {
    capabilities: version === 69 ? [eth69, snap] : [ETH.eth68, snap],
    common: chainCommon(networkId ?? 1, genesisHash),
  })
  rlpx.events.on('peer:added', (peer) => {
    // A message is written in two parts. Nagle's algorithm holds the second back for 40 ms. The
    // library keeps the socket to itself.
    const { _socket: socket } = peer as unknown as { _socket: Socket }
    socket.setNoDelay()
    const protocol = peer.getProtocols().find((one) => one instanceof ETH)
    if (protocol !== undefined) openEth68(protocol)
  })
  rlpx.events.on('peer:removed', (_, reason) => {
    closed = reason ?? 'cut'
    frames.end()
    greeted()
  })
  const [, id, address, port] = /^enode:\/\/([0-9a-f]{128})@([^:]+):(\d+)$/.exec(enode)!
  await rlpx.connect({
    id: new Uint8Array(Buffer.from(id!, 'hex')),
    address: address!,
    tcpPort: Number(port),
  })
  await greeting
  return {
    ...{ eth, send: (code, message) => sendEth(code, message) },
    snap: {
      ...{ peer: enode, transport: 'devp2p' },
      send: (frame) => sendSnap(frame[0]!, frame.subarray(1)),
      close() {
        frames.abandon()
        if (rlpx._isAlive()) rlpx.destroy()
      },
      [Symbol.asyncIterator]: () => frames[Symbol.asyncIterator](),
    },
    get closed() {
      return closed
    },
  }
}

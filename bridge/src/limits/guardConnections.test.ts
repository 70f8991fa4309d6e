import { connect, type Socket } from 'node:net'
import type { Connection, Stream } from '@libp2p/interface'
import { encodeMessage, SNAP_PROTOCOL } from 'cambium/server'
import { encode } from 'uint8-varint'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { dialBridge } from '../../test/dialBridge.ts'
import { testBridge } from '../../test/testBridge.ts'
import type { Bridge } from '../createBridge.ts'
import type { BridgeLimits } from './BridgeLimits.ts'

const HASH = new Uint8Array(32).fill(1)

/** No address is shared, so that each of 127.0.0.0/8 is a client of its own. */
function strictBridge(limits: Partial<BridgeLimits> = {}): Promise<Bridge> {
  return testBridge({ limits: { sharedIps: [], ...limits } })
}

function portOf({ multiaddrs }: Bridge): number {
  return Number(multiaddrs.find((text) => text.includes('/ws/'))!.split('/')[4])
}

/** A metric of a bridge, 0 where it is not there. */
async function metric({ url }: Bridge, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const line = text.split('\n').find((line) => line.startsWith(`cambium_bridge_${name} `))
  return Number(line?.split(' ').at(-1) ?? 0)
}

function drops(bridge: Bridge, reason: string): Promise<number> {
  return metric(bridge, `drops_total{reason="${reason}"}`)
}

function rawSocket(bridge: Bridge, from: string): Socket {
  const socket = connect({ port: portOf(bridge), host: '127.0.0.1', localAddress: from })
  onTestFinished(() => void socket.destroy())
  return socket.on('error', () => {})
}

function ended(one: Socket | Connection | Stream): Promise<void> {
  return new Promise((resolve) => {
    if ('on' in one) one.on('close', () => resolve())
    else if (one.status !== 'open') resolve()
    else (one as EventTarget).addEventListener('close', () => resolve())
  })
}

/** Asks for a code and reads the answer: the bridge serves this connection. */
async function isServed(connection: Connection): Promise<boolean> {
  try {
    const stream = await connection.newStream(SNAP_PROTOCOL)
    const answered = new Promise<boolean>((resolve) => {
      stream.addEventListener('message', () => resolve(true))
      stream.addEventListener('close', () => resolve(false))
    })
    const frame = encodeMessage({ kind: 'GetByteCodes', id: 1n, hashes: [HASH], bytes: 10 })
    stream.send(encode(frame.length))
    stream.send(frame)
    return await answered
  } catch {
    return false
  }
}

describe('a bridge', () => {
  it('takes so many connections of one address, and others of another', async () => {
    const bridge = await strictBridge({ maxConnectionsPerIp: 3 })
    const first = await Promise.all(
      [1, 2, 3].map(() => dialBridge(bridge, 'websocket', '127.0.0.2')),
    )
    await expect(dialBridge(bridge, 'websocket', '127.0.0.2')).rejects.toThrow()
    const other = await dialBridge(bridge, 'websocket', '127.0.0.3')
    expect(await Promise.all([...first, other].map(isServed))).toEqual([true, true, true, true])
    expect(await drops(bridge, 'full')).toBe(1)
  })

  it('takes more of an address that many share', async () => {
    const bridge = await strictBridge({ maxConnectionsPerIp: 2, sharedIps: ['127.0.0.0/30'] })
    const shared = [1, 2, 3, 4].map(() => dialBridge(bridge, 'websocket', '127.0.0.2'))
    expect(await Promise.all(shared)).toHaveLength(4)
  })

  it('refuses addresses that it is told to', async () => {
    const bridge = await strictBridge({ deniedIps: ['127.0.0.8/30', '127.0.0.77'] })
    for (const from of ['127.0.0.9', '127.0.0.77']) {
      await expect(dialBridge(bridge, 'websocket', from)).rejects.toThrow()
    }
    expect(await isServed(await dialBridge(bridge, 'websocket', '127.0.0.12'))).toBe(true)
  })

  it('takes so many connections in all', async () => {
    const bridge = await strictBridge({ maxConnections: 2 })
    await dialBridge(bridge, 'websocket', '127.0.0.2')
    await dialBridge(bridge, 'webrtc')
    for (const transport of ['websocket', 'webrtc'] as const) {
      // Over WebRTC the dialer is through with its handshake when the bridge refuses.
      const late = dialBridge(bridge, transport).then(ended)
      await late.catch(() => {})
    }
    expect(await drops(bridge, 'full')).toBe(2)
    expect(await metric(bridge, 'connections{transport="webrtc"}')).toBe(1)
    expect(await metric(bridge, 'peers')).toBe(2)
  })

  it('refuses for a while who goes on breaking the protocol, and closes what it has', async () => {
    const bridge = await strictBridge()
    const bystander = await dialBridge(bridge, 'websocket', '127.0.0.2')
    const other = await dialBridge(bridge, 'websocket', '127.0.0.3')
    const connection = await dialBridge(bridge, 'websocket', '127.0.0.2')
    for (let fault = 0; fault < 3; fault++) {
      const stream = await connection.newStream(SNAP_PROTOCOL)
      stream.send(Uint8Array.of(1, 0x7f))
      await ended(stream)
    }
    await Promise.all([ended(connection), ended(bystander)])
    await expect(dialBridge(bridge, 'websocket', '127.0.0.2')).rejects.toThrow()
    expect(await isServed(other)).toBe(true)
    expect(await drops(bridge, 'protocol')).toBe(3)
    expect(await drops(bridge, 'banned')).toBeGreaterThanOrEqual(3)
  })

  it('closes sockets that never become a WebSocket, the oldest when there are many', async () => {
    const bridge = await strictBridge({ maxConnectionsPerIp: 100 })
    const [silent, half] = [rawSocket(bridge, '127.0.0.2'), rawSocket(bridge, '127.0.0.3')]
    half.write('GET / HTTP/1.1\r\nHost: x\r\n')
    let closed = 0
    for (const socket of [silent, half]) socket.on('close', () => closed++)
    for (let count = 0; count < 64; count++) rawSocket(bridge, '127.0.0.4')
    // Long before their time is up.
    await expect.poll(() => closed, { timeout: 5_000 }).toBe(2)
    expect(await isServed(await dialBridge(bridge, 'websocket', '127.0.0.5'))).toBe(true)
    expect(await drops(bridge, 'half-open')).toBeGreaterThanOrEqual(2)
  })

  it('closes the sockets of one address beyond those that it may have', async () => {
    const bridge = await strictBridge({ maxConnectionsPerIp: 1 })
    const sockets = Array.from({ length: 20 }, () => rawSocket(bridge, '127.0.0.2'))
    let closed = 0
    for (const socket of sockets) socket.on('close', () => closed++)
    await expect.poll(() => closed).toBe(15)
  })

  it('closes a WebSocket that sends a message above the ceiling, before it is whole', async () => {
    const bridge = await strictBridge()
    const socket = new WebSocket(`ws://127.0.0.1:${portOf(bridge)}`, {
      localAddress: '127.0.0.2',
    } as object)
    onTestFinished(() => socket.terminate())
    await new Promise((resolve) => socket.once('open', resolve))
    const closed = new Promise((resolve) => socket.once('close', resolve))
    socket.on('error', () => {})
    socket.send(new Uint8Array(300 * 1024))
    expect(await closed).toBe(1009)
  })

  it.each([
    ['announces a frame of 2 GiB', () => yamuxFrame({ length: 2 ** 31 }), 1],
    ['sends forty thousand pings', () => yamuxFrame({ type: 2, flags: 1 }), 40_000],
  ])('closes the connection of one whose multiplexer %s', async (_, frame, count) => {
    const bridge = await strictBridge()
    const connection = await dialBridge(bridge, 'websocket', '127.0.0.2')
    const { muxer } = connection as unknown as {
      muxer: { maConn: { send(data: Uint8Array): void } }
    }
    const frames = Buffer.concat(Array.from({ length: count }, frame))
    for (let at = 0; at < frames.length; at += 60_000) {
      if (connection.status === 'open') muxer.maConn.send(frames.subarray(at, at + 60_000))
    }
    await ended(connection)
    expect((await drops(bridge, 'flood')) + (await drops(bridge, 'protocol'))).toBe(1)
    expect(await isServed(await dialBridge(bridge, 'websocket', '127.0.0.3'))).toBe(true)
  })

  it('reads no more than so much of one address in a second', async () => {
    const bridge = await strictBridge()
    const connection = await dialBridge(bridge, 'websocket', '127.0.0.2')
    const { muxer, maConn } = connection as unknown as {
      muxer: { maConn: { send(data: Uint8Array): void } }
      maConn: { websocket: WebSocket }
    }
    // Frames of a stream that nobody has: Yamux throws them away, once they are decrypted.
    const frame = yamuxFrame({ stream: 9, length: 60_000 }, 60_000)
    for (let count = 0; count < 500; count++) muxer.maConn.send(frame)
    // 30 MB. The bridge takes what may come at once, the kernel some; the rest takes ten seconds at
    // 2 MiB a second.
    const { websocket } = maConn
    const other = await dialBridge(bridge, 'websocket', '127.0.0.3')
    expect(await isServed(other)).toBe(true)
    await expect.poll(() => websocket.bufferedAmount).toBeGreaterThan(10_000_000)
    expect(connection.status).toBe('open')
  })

  it('closes the TCP connection of one that it drops, though that keeps it open', async () => {
    const bridge = await strictBridge()
    const connection = await dialBridge(bridge, 'websocket', '127.0.0.2')
    const { muxer, maConn } = connection as unknown as {
      muxer: { maConn: { send(data: Uint8Array): void } }
      maConn: { websocket: WebSocket & { _socket: Socket } }
    }
    const socket = maConn.websocket._socket
    const closed = ended(socket)
    muxer.maConn.send(yamuxFrame({ length: 2 ** 31 }))
    await closed
  })
})

function yamuxFrame(
  {
    type = 0,
    flags = 0,
    stream = 0,
    length = 0,
  }: Partial<Record<'type' | 'flags' | 'stream' | 'length', number>>,
  size = 0,
): Uint8Array {
  const frame = Buffer.alloc(12 + size)
  frame.writeUInt8(type, 1)
  frame.writeUInt16BE(flags, 2)
  frame.writeUInt32BE(stream, 4)
  frame.writeUInt32BE(length, 8)
  return frame
}

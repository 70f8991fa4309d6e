import { generateKeyPair } from '@libp2p/crypto/keys'
import type { Libp2p, PrivateKey } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import { freeLoopbackPort, listeningNode } from '../../test/support/libp2p/listeningNode.ts'
import { provideWebSocket } from '../../test/support/libp2p/nodeWebSocket.ts'
import { BackOffError } from '../base/backOff.ts'
import type { FramePipe } from '../pipes/FramePipe.ts'
import type { ConnectionEvent } from '../pipes/PeerSource.ts'
import { MultiaddrError } from './errors.ts'
import { type Libp2pPeersOptions, libp2pPeers } from './libp2pPeers.ts'
import { pageNode } from './pageNode.ts'
import { HEAD_PROTOCOL, SNAP_PROTOCOL } from './protocols/protocol.ts'
import { streamPipe } from './streamPipe.ts'

vi.mock('./pageNode.ts', { spy: true })

beforeAll(provideWebSocket)

const HELLO = Uint8Array.of(1, 2, 3)

/** A node in the place of a bridge: greets every client, then does what `onPipe` says. */
async function greeter(
  identity: PrivateKey,
  port: number,
  onPipe: (pipe: FramePipe) => void = () => {},
  hello = true,
): Promise<Libp2p> {
  const node = await listeningNode(identity, port)
  await node.handle(SNAP_PROTOCOL, (stream) => {
    const pipe = streamPipe(stream, { peer: 'page', transport: 'websocket' })
    if (hello) pipe.send(HELLO)
    onPipe(pipe)
  })
  onTestFinished(() => node.stop())
  return node
}

async function place() {
  const identity = await generateKeyPair('Ed25519')
  const port = await freeLoopbackPort()
  return { identity, port }
}

/** Runs a peer source and writes down what it tells. */
function run(options: Libp2pPeersOptions) {
  const events: ConnectionEvent[] = []
  const stop = new AbortController()
  const source = libp2pPeers({ random: () => 0, ...options })
  const pipes = source({ signal: stop.signal, onEvent: (event) => events.push(event) })
  const iterator = pipes[Symbol.asyncIterator]()
  onTestFinished(async () => {
    stop.abort()
    await iterator.return?.()
  })
  async function next(): Promise<FramePipe> {
    const { value, done } = await iterator.next()
    if (done) throw new Error('the source ended')
    return value
  }
  const told = () => events.map((event) => event.type)
  return { events, told, stop, next, iterator }
}

async function first(pipe: FramePipe): Promise<Uint8Array | undefined> {
  for await (const frame of pipe) return frame
  return undefined
}

async function drained(pipe: FramePipe): Promise<void> {
  try {
    for await (const _ of pipe);
  } catch {
    // How it ended does not matter here.
  }
}

describe('libp2pPeers', () => {
  it('refuses bad options at once', () => {
    expect(() => libp2pPeers({ bridges: ['/ip4/1.2.3.4'] })).toThrow(MultiaddrError)
    expect(() => libp2pPeers({ bridges: [] })).toThrow(MultiaddrError)
    const bridges = [
      '/ip4/127.0.0.1/tcp/1/ws/p2p/12D3KooWAg39Cwp8ZTKufmqgMKdH5y6dn3QuKjdVDoZyMX8LT7Zq',
    ]
    expect(() => libp2pPeers({ bridges, backOff: { jitter: 2 } })).toThrow(BackOffError)
  })

  it('takes the next address where the first is dead', async () => {
    const { identity, port } = await place()
    const node = await greeter(identity, port)
    const dead = await freeLoopbackPort()
    const certhash = 'uEiAZ4EzjdTHzPYMWVlCl1zs1K4dIqPtXR-TfbWoYEj5b2g'
    const webrtc = `/ip4/127.0.0.1/udp/${dead}/webrtc-direct/certhash/${certhash}/p2p/${node.peerId}`
    const websocket = `/ip4/127.0.0.1/tcp/${port}/ws/p2p/${node.peerId}`
    const { events, next } = run({ bridges: [websocket, webrtc], dialTimeoutMs: 1_000 })
    const pipe = await next()
    const peer = node.peerId.toString()
    expect([pipe.peer, pipe.transport]).toEqual([peer, 'websocket'])
    expect(events).toEqual([
      { type: 'connecting', address: webrtc },
      { type: 'connecting', address: websocket },
      { type: 'connected', address: websocket, peer, transport: 'websocket' },
    ])
    expect(await first(pipe)).toEqual(HELLO)
  })

  it('leaves a bridge alone that is not needed any more', async () => {
    const { identity, port } = await place()
    const node = await greeter(identity, port)
    const { told, next, iterator } = run({ bridges: node.getMultiaddrs().map(String) })
    const pipe = await next()
    pipe.close()
    expect(await iterator.next()).toMatchObject({ done: true })
    expect(told()).toEqual(['connecting', 'connected', 'closed'])
  })

  it('comes back to a bridge that was refused, in its time', async () => {
    const { identity, port } = await place()
    const node = await greeter(identity, port)
    const bridges = node.getMultiaddrs().map(String)
    const { events, next } = run({ bridges, wait: async () => {} })
    const refused = await next()
    refused.close(new Error('it lied'))
    await next()
    expect(events).toContainEqual(expect.objectContaining({ type: 'lost', reason: 'it lied' }))
    expect(events).toContainEqual(expect.objectContaining({ type: 'retry', reason: 'it lied' }))
  })

  it('comes back when a bridge goes away and returns, with one pipe at a time', async () => {
    const { identity, port } = await place()
    let open = 0
    let most = 0
    const count = (pipe: FramePipe) => {
      most = Math.max(most, ++open)
      void drained(pipe).then(() => open--)
    }
    let node = await greeter(identity, port, count)
    const address = node.getMultiaddrs().map(String)
    const waits: number[] = []
    const { events, told, next } = run({
      bridges: address,
      async wait(ms) {
        waits.push(ms)
        // Down for two tries, then there again.
        if (waits.length === 3) node = await greeter(identity, port, count)
      },
    })
    const pipe = await next()
    expect(await first(pipe)).toEqual(HELLO)
    await node.stop()
    const again = await next()
    expect(await first(again)).toEqual(HELLO)
    expect(told()).toEqual([
      ...['connecting', 'connected', 'lost', 'retry'],
      ...['connecting', 'retry', 'connecting', 'retry'],
      ...['connecting', 'connected'],
    ])
    expect(waits).toEqual([500, 1000, 2000])
    const retries = events.filter((event) => event.type === 'retry')
    expect(retries.map(({ inMs }) => inMs)).toEqual(waits)
    expect(retries[1]?.reason).toMatch(/^websocket: ./)
    expect(most).toBe(1)
  })

  it('comes back later and later to a bridge that drops it unused', async () => {
    const { identity, port } = await place()
    const node = await greeter(identity, port, (pipe) => pipe.close(new Error('full')), false)
    const waits: number[] = []
    const { stop, iterator, told } = run({
      bridges: node.getMultiaddrs().map(String),
      async wait(ms) {
        waits.push(ms)
        if (waits.length === 4) stop.abort()
      },
    })
    while (!(await iterator.next()).done);
    expect(waits).toEqual([500, 1000, 2000, 4000])
    expect(told().slice(0, 4)).toEqual(['connecting', 'connected', 'lost', 'retry'])
  })

  it('comes back later and later to a bridge that lies, until it was fine for a minute', async () => {
    const { identity, port } = await place()
    const served: FramePipe[] = []
    const node = await greeter(identity, port, (pipe) => served.push(pipe))
    let time = 0
    const waits: number[] = []
    const { next } = run({
      bridges: node.getMultiaddrs().map(String),
      now: () => time,
      async wait(ms) {
        waits.push(ms)
        time += ms
      },
    })
    /** Has the pipe for so long, and then ends it on this side, or the bridge's. */
    const held = async (ms: number, end: 'refused' | 'lost') => {
      const pipe = await next()
      expect(await first(pipe)).toEqual(HELLO)
      time += ms
      if (end === 'refused') pipe.close(new Error('bad proof'))
      else served.at(-1)!.close()
    }
    await held(0, 'refused')
    await held(500, 'refused')
    // That it leaves by itself, before it is found out, does not help it; nor that it waits before
    // it lies.
    await held(59_999, 'lost')
    await held(3_600_000, 'refused')
    for (let times = 0; times < 4; times++) await held(500, 'refused')
    await held(60_000, 'lost')
    await held(500, 'refused')
    await next()
    expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 500, 1000])
  })

  it('tells why it lost a peer that the caller gave up, and tries it again', async () => {
    const { identity, port } = await place()
    const node = await greeter(identity, port)
    const { events, next } = run({
      bridges: node.getMultiaddrs().map(String),
      wait: async () => {},
    })
    const pipe = await next()
    pipe.close(new Error('bad proof'))
    expect(await first(await next())).toEqual(HELLO)
    expect(events[2]).toMatchObject({ type: 'lost', reason: 'bad proof' })
  })

  it('ends with the signal: closes its pipe, and the bridge sees it', async () => {
    const { identity, port } = await place()
    const seen: Promise<void>[] = []
    const node = await greeter(identity, port, (pipe) => seen.push(drained(pipe)))
    const { stop, next, iterator, events } = run({ bridges: node.getMultiaddrs().map(String) })
    const pipe = await next()
    stop.abort()
    await drained(pipe)
    expect(await iterator.next()).toEqual({ done: true, value: undefined })
    await Promise.all(seen)
    expect(seen).toHaveLength(1)
    expect(events.at(-1)).toMatchObject({ type: 'closed' })
  })

  it('ends when the reader leaves without a signal', async () => {
    const { identity, port } = await place()
    const seen: Promise<void>[] = []
    const node = await greeter(identity, port, (pipe) => seen.push(drained(pipe)))
    const { next, iterator } = run({ bridges: node.getMultiaddrs().map(String) })
    await next()
    await iterator.return?.()
    await Promise.all(seen)
    expect(seen).toHaveLength(1)
  })

  describe('with a node of the app', () => {
    async function scene() {
      const { identity, port } = await place()
      const bridge = await greeter(identity, port)
      const libp2p = (await pageNode(5_000)) as Libp2p
      onTestFinished(() => libp2p.stop())
      vi.mocked(pageNode).mockClear()
      const bridges = bridge.getMultiaddrs().map(String)
      return { bridge, libp2p, bridges }
    }

    it('dials with it, makes no node, closes what it opened, and does not stop it', async () => {
      const { libp2p, bridges } = await scene()
      const { next, iterator, stop } = run({ bridges, libp2p })
      expect(await first(await next())).toEqual(HELLO)
      expect(libp2p.getConnections()).toHaveLength(1)
      stop.abort()
      expect((await iterator.next()).done).toBe(true)
      expect(libp2p.getConnections()).toEqual([])
      expect(libp2p.status).toBe('started')
      expect(pageNode).not.toHaveBeenCalled()
    })

    it('uses a connection that it has, and leaves it open with the streams of the app', async () => {
      const { bridge, libp2p, bridges } = await scene()
      await bridge.handle(HEAD_PROTOCOL, (stream) => {
        void drained(streamPipe(stream, { peer: 'page', transport: 'websocket' }))
      })
      await bridge.handle('/app', () => {})
      const connection = await libp2p.dial(multiaddr(bridges[0]))
      const other = await connection.newStream('/app')
      const heads = () => connection.streams.filter(({ protocol }) => protocol === HEAD_PROTOCOL)
      const { next, iterator, told } = run({ bridges, libp2p, onHead() {}, wait: async () => {} })
      const refused = await next()
      const [firstHeads] = await vi.waitUntil(() => heads().length > 0 && heads())
      refused.close(new Error('it lied'))
      const pipe = await next()
      await vi.waitUntil(() => firstHeads?.status === 'closed')
      expect(await first(pipe)).toEqual(HELLO)
      pipe.close()
      expect((await iterator.next()).done).toBe(true)
      expect(told().filter((type) => type === 'connected')).toHaveLength(2)
      expect(libp2p.getConnections()).toEqual([connection])
      expect([connection.status, other.status]).toEqual(['open', 'open'])
      await vi.waitUntil(() => heads().length === 0)
    })
  })

  it('ends while it dials or waits, and before it begins', async () => {
    const { identity, port } = await place()
    const bridges = [`/ip4/127.0.0.1/tcp/${port}/ws/p2p/${(await greeter(identity, port)).peerId}`]
    const nobody = bridges.map((address) => address.replace(`${port}`, '9'))
    const never = run({ bridges })
    never.stop.abort()
    expect((await never.iterator.next()).done).toBe(true)
    expect(never.events).toEqual([])

    const waiting = run({ bridges: nobody, backOff: { firstMs: 1e9, maxMs: 1e9 } })
    const ended = waiting.iterator.next()
    while (!waiting.told().includes('retry')) await new Promise((resolve) => setImmediate(resolve))
    waiting.stop.abort()
    expect((await ended).done).toBe(true)
  })
})

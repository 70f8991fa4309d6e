import { connect } from 'node:net'
import {
  accountEntries,
  type BlockHeader,
  ChangingState,
  fromHex,
  HEAD_PROTOCOL,
  SnapClient,
  toHex,
} from 'cambium/server'
import { encode } from 'uint8-varint'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { announcedHeads } from '../../../src/libp2p/announcedHeads.ts'
import { libp2pPeers } from '../../../src/libp2p/libp2pPeers.ts'
import { provideWebSocket } from '../../../test/support/libp2p/nodeWebSocket.ts'
import { dialBridge } from '../../test/dialBridge.ts'
import { downloadState } from '../../test/downloadState.ts'
import { serverSentEvents } from '../../test/serverSentEvents.ts'
import { hoodiState, temporaryDir, testBridge } from '../../test/testBridge.ts'
import { bridgeNode } from '../bridgeNode.ts'
import { freePort } from '../freePort.ts'
import { headJson } from '../http/headJson.ts'
import { loadIdentity } from '../identity/loadIdentity.ts'
import { HeadFeed } from './HeadFeed.ts'

beforeAll(provideWebSocket)

const NEVER = new AbortController().signal

function header(number: number): BlockHeader {
  const hash = (salt: number) => new Uint8Array(32).fill(number + salt)
  return { number, hash: hash(100), parentHash: hash(99), stateRoot: hash(7) }
}

/** A bridge whose blocks the test makes. */
async function bridgeWithHeads() {
  const heads = new WatchedFeed(header(5))
  const bridge = await testBridge({ state: { ...(await hoodiState()), heads } })
  return { heads, bridge }
}

async function take<Value>(values: AsyncGenerator<Value>, count: number): Promise<Value[]> {
  const taken: Value[] = []
  for (; taken.length < count; ) {
    const { value, done } = await values.next()
    if (done) break
    taken.push(value)
  }
  return taken
}

/** Tells when somebody is told from now on, or not any more. */
class WatchedFeed extends HeadFeed {
  onSubscribe = () => {}
  onUnsubscribe = () => {}

  override subscribe(listener: (head: BlockHeader) => void): () => void {
    const unsubscribe = super.subscribe(listener)
    this.onSubscribe()
    return () => {
      unsubscribe()
      this.onUnsubscribe()
    }
  }

  subscribed(): Promise<void> {
    return new Promise((resolve) => {
      this.onSubscribe = resolve
    })
  }

  unsubscribed(): Promise<void> {
    return new Promise((resolve) => {
      this.onUnsubscribe = resolve
    })
  }
}

describe('the heads of a bridge', () => {
  it.each(['webrtc', 'websocket'] as const)('are announced over %s', async (transport) => {
    const { heads, bridge } = await bridgeWithHeads()
    const connection = await dialBridge(bridge, transport)
    const stop = new AbortController()
    const announced = announcedHeads(connection, { signal: stop.signal })
    expect(await take(announced, 1)).toEqual([header(5)])
    for (const number of [6, 7, 6, 8]) heads.announce(header(number))
    // The newest of those that have come; on a slow machine they come in parts.
    const told = []
    for await (const head of announced) {
      told.push(head)
      if (head.number === 8) break
    }
    expect(told.length).toBeLessThanOrEqual(4)
    expect(bridge.head).toEqual(header(8))
    const again = announcedHeads(connection, { signal: stop.signal })
    expect(await take(again, 1)).toEqual([header(8)])
    stop.abort()
    expect(await take(again, 1)).toEqual([])
    expect(connection.status).toBe('open')
  })

  it('come to a page by the thousand: it reads a few, and leaves', async () => {
    const { heads, bridge } = await bridgeWithHeads()
    const connection = await dialBridge(bridge, 'websocket')
    const announced = announcedHeads(connection, { signal: NEVER })
    expect(await take(announced, 1)).toEqual([header(5)])
    let told = 0
    const reading = (async () => {
      for await (const _ of announced) told++
    })()
    const flooded = reading.then(
      () => undefined,
      (error) => error,
    )
    let number = 6
    const flood = setInterval(() => {
      for (let count = 0; count < 100; count++) heads.announce(header(number++))
    }, 5)
    const error = await flooded
    clearInterval(flood)
    expect(error).toMatchObject({ code: 'FLOODING_PEER' })
    expect(told).toBeLessThan(40)
    expect(number).toBeGreaterThan(600)
  })

  it('are told to a page that asks for them beside its peers', async () => {
    const { bridge } = await bridgeWithHeads()
    const stop = new AbortController()
    const told = new Promise<unknown[]>((resolve) => {
      const peers = libp2pPeers({
        bridges: bridge.multiaddrs,
        onHead: (head, peer) => resolve([head, peer]),
      })
      const pipes = peers({ signal: stop.signal, onEvent: () => {} })
      void take(pipes as AsyncGenerator, Number.POSITIVE_INFINITY)
    })
    expect(await told).toEqual([header(5), bridge.peerId])
    stop.abort()
  })

  it('are told over HTTP, to any page', async () => {
    const { heads, bridge } = await bridgeWithHeads()
    const events = serverSentEvents(`${bridge.url}/heads`)
    expect(await take(events, 1)).toEqual([headJson(header(5))])
    heads.announce(header(6))
    expect(await take(events, 1)).toEqual([headJson(header(6))])
    for (const path of ['/peers.json', '/healthz']) {
      const answer = await (await fetch(bridge.url + path)).json()
      expect(answer).toMatchObject({ head: headJson(header(6)) })
    }
    const head = await fetch(`${bridge.url}/heads`, { method: 'HEAD' })
    expect([
      head.headers.get('content-type'),
      head.headers.get('access-control-allow-origin'),
    ]).toEqual(['text/event-stream', '*'])
    expect((await fetch(`${bridge.url}/heads`, { method: 'POST' })).status).toBe(405)
  })

  it('end with the bridge', async () => {
    const { bridge } = await bridgeWithHeads()
    const events = serverSentEvents(`${bridge.url}/heads`)
    const connection = await dialBridge(bridge, 'websocket')
    const announced = announcedHeads(connection, { signal: NEVER })
    await Promise.all([take(events, 1), take(announced, 1)])
    const rest = Promise.all([take(events, 1).catch(() => []), take(announced, 1).catch(() => [])])
    await bridge.stop()
    expect(await rest).toEqual([[], []])
  })

  it('are not there where the state stays', async () => {
    const bridge = await testBridge()
    expect(bridge.head).toBeUndefined()
    expect((await fetch(`${bridge.url}/heads`)).status).toBe(404)
    const connection = await dialBridge(bridge, 'websocket')
    await expect(take(announcedHeads(connection, { signal: NEVER }), 1)).rejects.toThrow()
    // Who hoped for them has its pipe all the same.
    const peers = libp2pPeers({ bridges: bridge.multiaddrs, onHead: () => {} })
    for await (const pipe of peers({ signal: AbortSignal.timeout(20_000), onEvent: () => {} })) {
      expect(pipe.peer).toBe(bridge.peerId)
      break
    }
  })

  it('are refused to who writes to the stream, and to who does not read it', async () => {
    const { heads, bridge } = await bridgeWithHeads()
    const connection = await dialBridge(bridge, 'websocket')
    for (const bytes of [Uint8Array.of(1, 7), encode(2 ** 20)]) {
      const refused = heads.unsubscribed()
      const stream = await connection.newStream(HEAD_PROTOCOL)
      stream.send(bytes)
      await refused
    }
    const subscribed = heads.subscribed()
    const left = heads.unsubscribed()
    const stream = await connection.newStream(HEAD_PROTOCOL)
    stream.pause()
    await subscribed
    // What the connection takes on trust, 256 KiB, and what may wait.
    for (let count = 0; count < 4000; count++) heads.announce(header(6))
    await left
    const others = announcedHeads(connection, { signal: NEVER })
    expect(await take(others, 1)).toEqual([header(6)])
  })

  it('are kept from a client of the HTTP server that does not read', async () => {
    const { heads, bridge } = await bridgeWithHeads()
    const subscribed = heads.subscribed()
    const left = heads.unsubscribed()
    const socket = connect(Number(new URL(bridge.url).port), '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    socket.pause().write('GET /heads HTTP/1.1\r\nhost: bridge\r\n\r\n')
    await subscribed
    // Some 50 MB: more than the system holds for a connection.
    for (let count = 0; count < 200_000; count++) heads.announce(header(6))
    await left
    expect(await take(serverSentEvents(`${bridge.url}/heads`), 1)).toEqual([headJson(header(6))])
  })

  it.each([
    ['what is no RLP', Uint8Array.of(3, 0xff, 0xff, 0xff), 'PEER_PROTOCOL'],
    ['a frame of a megabyte', encode(2 ** 20), 'FRAME_TOO_LARGE'],
  ])('are refused from a bridge that sends %s', async (_, bytes, code) => {
    const port = await freePort('WebSocket', 'tcp', '127.0.0.1', 0)
    const node = await bridgeNode({
      identity: await loadIdentity(await temporaryDir()),
      listen: [`/ip4/127.0.0.1/tcp/${port}/ws`],
      announce: [],
    })
    onTestFinished(() => node.stop())
    await node.handle(HEAD_PROTOCOL, (stream) => void stream.send(bytes))
    const multiaddrs = node.getMultiaddrs().map(String)
    const connection = await dialBridge({ multiaddrs }, 'websocket')
    const announced = announcedHeads(connection, { signal: NEVER })
    await expect(take(announced, 1)).rejects.toMatchObject({ code })
  })
})

describe('a bridge with seeded blocks', () => {
  it('serves states that change, all those that it announces', async () => {
    const state = await hoodiState()
    const bridge = await testBridge({ blocks: { seconds: 0.1, seed: 9 } })
    const events = serverSentEvents(`${bridge.url}/heads`)
    const heads = (await take(events, 4)) as ReturnType<typeof headJson>[]
    const [first] = heads
    expect(heads.map(({ number }) => number - first!.number)).toEqual([0, 1, 2, 3])

    // The same blocks of the same state.
    const genesis = fromHex(state.network.stateRoot, 'root')
    const twin = new ChangingState(accountEntries(state.source, genesis), {
      seed: 9,
      changes: { accounts: [1, 1] },
    })
    while (twin.head.number < heads[3]!.number) twin.advance()
    expect(twin.headers.slice(-4).map(headJson)).toEqual(heads)

    const peers = libp2pPeers({ bridges: bridge.multiaddrs })
    for await (const pipe of peers({ signal: AbortSignal.timeout(30_000), onEvent: () => {} })) {
      const client = new SnapClient(pipe)
      for (const { stateRoot } of [twin.head, twin.headers[0]!]) {
        const downloaded = await downloadState(client, stateRoot)
        expect(downloaded.stateRoot).toBe(toHex(stateRoot))
      }
      break
    }
  })

  it.each([
    [{ seconds: 0 }, '0.1 to 86400 seconds, got 0'],
    [{ seconds: Number.NaN }, 'got NaN'],
    [{ seconds: 1e9 }, 'got 1000000000'],
    [{ seconds: 1, seed: 0.5 }, 'seed of blocks must be a whole number, got 0.5'],
  ])('refuses %j', async (blocks, message) => {
    await expect(testBridge({ blocks })).rejects.toMatchObject({
      code: 'BLOCKS',
      message: expect.stringContaining(message),
    })
  })
})

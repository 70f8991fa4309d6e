import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readdir, stat, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Stream } from '@libp2p/interface'
import {
  encodeMessage,
  type FramePipe,
  fromHex,
  MultiaddrError,
  SNAP_PROTOCOL,
  SnapClient,
} from 'cambium/server'
import { encode } from 'uint8-varint'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { libp2pPeers } from '../../src/libp2p/libp2pPeers.ts'
import { provideWebSocket } from '../../test/support/libp2p/nodeWebSocket.ts'
import { dialBridge } from '../test/dialBridge.ts'
import { downloadState } from '../test/downloadState.ts'
import { hoodiState, temporaryDir, testBridge } from '../test/testBridge.ts'
import type { BridgeEvent } from './BridgeEvent.ts'
import { type Bridge, createBridge } from './createBridge.ts'
import { IdentityError } from './errors.ts'
import { HostError, PortError } from './freePort.ts'

beforeAll(provideWebSocket)

const TRANSPORTS = ['webrtc', 'websocket'] as const
const HOODI = {
  stateRoot: '0xda87d7f5f91c51508791bbcbd4aa5baf04917830b86985eeb9ad3d5bfb657576',
  ...{ accounts: 335, slots: 33, codes: 5 },
}
const ROOT = fromHex(HOODI.stateRoot, 'root', 32)

/** Connects as a page does, and downloads the whole state. */
async function honestDownload(bridge: Bridge, transports = TRANSPORTS.slice()) {
  const peers = libp2pPeers({ bridges: bridge.multiaddrs, transports })
  const signal = AbortSignal.timeout(30_000)
  for await (const pipe of peers({ signal, onEvent: () => {} })) {
    expect(transports).toContain(pipe.transport)
    expect(pipe.peer).toBe(bridge.peerId)
    return await downloadState(new SnapClient(pipe), ROOT)
  }
  throw new Error('no pipe in 30 s')
}

function frame(...bytes: number[]): Uint8Array {
  return Uint8Array.of(...encode(bytes.length), ...bytes)
}

function closing(stream: Stream): Promise<void> {
  if (stream.status !== 'open') return Promise.resolve()
  return new Promise((resolve) => stream.addEventListener('close', () => resolve()))
}

describe.each(TRANSPORTS)('a bridge over %s', (transport) => {
  it('serves a whole state', async () => {
    const bridge = await testBridge()
    expect(await honestDownload(bridge, [transport])).toEqual(HOODI)
  })

  it.each([
    ['announces a frame above the ceiling', encode(64 * 2 ** 20)],
    ['sends an unknown message code', frame(0x7f, 0xc0)],
    ['sends an answer instead of a request', frame(0x01, 0xc3, 0x01, 0xc0, 0xc0)],
    ['sends what is no RLP', frame(0x00, 0xff, 0xff, 0xff)],
    ['sends a length without end', new Uint8Array(100).fill(0xff)],
  ])('refuses a peer that %s, and stays up', async (_, bytes) => {
    const left: BridgeEvent[] = []
    const bridge = await testBridge({
      onEvent: (event) => event.type === 'left' && left.push(event),
    })
    const connection = await dialBridge(bridge, transport)
    const stream = await connection.newStream(SNAP_PROTOCOL)
    stream.send(bytes)
    await closing(stream)
    expect(await honestDownload(bridge, [transport])).toEqual(HOODI)
    expect(left[0]).toMatchObject({ transport, reason: expect.stringMatching(/./) })
  })

  it.each([
    ['a thousand streams at once', 1000, true],
    ['sixty streams, one after the other', 60, false],
  ])('holds a few of %s, and stays up', async (_, count, atOnce) => {
    let open = 0
    let most = 0
    const bridge = await testBridge({
      onEvent({ type }) {
        open += type === 'joined' ? 1 : -1
        most = Math.max(most, open)
      },
    })
    const connection = await dialBridge(bridge, transport)
    const tries: Promise<Stream>[] = []
    for (let index = 0; index < count; index++) {
      const attempt = connection.newStream(SNAP_PROTOCOL)
      tries.push(attempt)
      if (!atOnce) await attempt.catch(() => undefined)
    }
    const outcomes = Promise.allSettled(tries)
    expect(await honestDownload(bridge, [transport])).toEqual(HOODI)
    await outcomes
    expect(most).toBeGreaterThan(0)
    // Two of the hostile connection and one of the honest.
    expect(most).toBeLessThanOrEqual(3)
  })
})

describe('a bridge', () => {
  it('does not work for a peer that does not read', async () => {
    const state = await hoodiState()
    let asked = 0
    const code = () => {
      asked++
      return new Uint8Array(2 ** 20)
    }
    const source = { ...state.source, code }
    const bridge = await testBridge({ state: { ...state, source } })
    const connection = await dialBridge(bridge, 'websocket')
    const stream = await connection.newStream(SNAP_PROTOCOL)
    stream.addEventListener('message', () => {})
    stream.pause()
    for (let id = 0n; id < 500n; id++) {
      const request = encodeMessage({ kind: 'GetByteCodes', id, hashes: [ROOT], bytes: 2 ** 20 })
      stream.send(encode(request.length))
      stream.send(request)
    }
    const refusal = await honestDownload(bridge).catch((error: Error) => error.message)
    expect(refusal).toContain('oversized answer')
    // Yamux takes 256 KB on trust, and the rest of one answer waits.
    expect(asked).toBeGreaterThan(0)
    expect(asked).toBeLessThan(4)
  })

  it('closes those who do not read when others wait, and serves who does', async () => {
    const state = await hoodiState()
    const large = new Uint8Array(2 ** 19)
    const hash = new Uint8Array(32).fill(0xee)
    const code = (asked: Uint8Array) => (asked[0] === 0xee ? large : state.source.code(asked))
    const reasons: (string | undefined)[] = []
    const bridge = await testBridge({
      state: { ...state, source: { ...state.source, code } },
      // Room for one answer of any size, so that another finds none beside one that stays.
      maxUnsentBytes: 0,
      onEvent: (event) => event.type === 'left' && reasons.push(event.reason),
    })
    const connection = await dialBridge(bridge, 'websocket')
    const stream = await connection.newStream(SNAP_PROTOCOL)
    stream.addEventListener('message', () => {})
    stream.pause()
    for (let id = 0n; id < 60n; id++) {
      const request = encodeMessage({ kind: 'GetByteCodes', id, hashes: [hash], bytes: 2 ** 21 })
      stream.send(encode(request.length))
      stream.send(request)
    }
    expect(await honestDownload(bridge, ['websocket'])).toEqual(HOODI)
    expect(reasons).toContainEqual(expect.stringContaining('held an answer while others waited'))
  })

  it('keeps its addresses over restarts, and its keys to itself', async () => {
    const identityDir = join(await temporaryDir(), 'not', 'there', 'yet')
    const first = await testBridge({ identityDir })
    await first.stop()
    await first.stop()
    // A process keeps its UDP port to its end; the command's tests restart it on the same ports.
    const second = await testBridge({ identityDir })
    const withoutPorts = ({ multiaddrs }: Bridge) =>
      multiaddrs.map((address) => address.replace(/\/(udp|tcp)\/\d+\//, '/'))
    expect(withoutPorts(second)).toEqual(withoutPorts(first))
    const [webrtcPort, wsPort] = first.multiaddrs.map((address) => address.split('/')[4])
    expect(first.multiaddrs).toEqual([
      expect.stringMatching(
        `^/ip4/127.0.0.1/udp/${webrtcPort}/webrtc-direct/certhash/uEi[\\w-]{44}/p2p/${first.peerId}$`,
      ),
      `/ip4/127.0.0.1/tcp/${wsPort}/ws/p2p/${first.peerId}`,
    ])
    expect(((await stat(identityDir)).mode & 0o777).toString(8)).toBe('700')
    const files = await readdir(identityDir)
    expect(files.sort()).toEqual(['peer.key', 'webrtc.pem'])
    for (const file of files) {
      expect(((await stat(join(identityDir, file))).mode & 0o777).toString(8)).toBe('600')
    }
    expect((await testBridge()).peerId).not.toBe(first.peerId)
  })

  it.each(['peer.key', 'webrtc.pem'])('refuses a damaged %s', async (file) => {
    const identityDir = await temporaryDir()
    await (await testBridge({ identityDir })).stop()
    await truncate(join(identityDir, file), 40)
    const error = await testBridge({ identityDir }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(IdentityError)
    expect(error).toMatchObject({ message: expect.stringContaining(join(identityDir, file)) })
  })

  it('refuses a certificate with the key of another', async () => {
    const { createCertificate, readCertificate } = await import('./identity/certificate.ts')
    const [one, other] = [await createCertificate(), await createCertificate()]
    const mixed = `${readCertificate(one).privateKey}\n${readCertificate(other).pem}`
    expect(() => readCertificate(mixed)).toThrow('not that of the certificate')
  })

  it('refuses an identity directory that cannot be made', async () => {
    const file = join(await temporaryDir(), 'file')
    await writeFile(file, '')
    await expect(testBridge({ identityDir: join(file, 'below') })).rejects.toThrow(IdentityError)
  })

  it.each([
    ['webrtcPort', 'udp'],
    ['wsPort', 'tcp'],
    ['httpPort', 'tcp'],
  ] as const)('refuses a %s that is taken', async (option, protocol) => {
    const taken =
      protocol === 'udp'
        ? createSocket('udp4').bind(0, '127.0.0.1')
        : createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void taken.close())
    await once(taken, 'listening')
    const { port } = taken.address() as { port: number }
    const error = await testBridge({ [option]: port }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(PortError)
    expect(error).toMatchObject({ message: expect.stringMatching(`${port}: already in use`) })
  })

  it.each([-1, 65_536, 1.5, Number.NaN])('refuses %s as a port', async (port) => {
    await expect(testBridge({ wsPort: port })).rejects.toThrow(PortError)
  })

  it.each(['localhost', '', '203.0.113.1'])('refuses %j as a host', async (host) => {
    await expect(testBridge({ host })).rejects.toThrow(HostError)
  })

  it('announces other addresses, with the hash of its certificate', async () => {
    const bridge = await testBridge({
      announce: ['/dns4/bridge.example/tcp/443/wss', '/ip4/203.0.113.7/udp/4040/webrtc-direct'],
    })
    expect(bridge.multiaddrs).toEqual([
      expect.stringMatching(
        `^/ip4/203.0.113.7/udp/4040/webrtc-direct/certhash/uEi[\\w-]{44}/p2p/${bridge.peerId}$`,
      ),
      `/dns4/bridge.example/tcp/443/wss/p2p/${bridge.peerId}`,
    ])
    await expect(testBridge({ announce: ['nonsense'] })).rejects.toThrow(MultiaddrError)
  })

  it('tells its addresses and its health over HTTP, to any page', async () => {
    const bridge = await testBridge()
    const peers = await fetch(`${bridge.url}/peers.json?x=1`)
    expect(peers.headers.get('access-control-allow-origin')).toBe('*')
    expect(await peers.json()).toEqual({
      network: {
        name: 'hoodi',
        chainId: 560048,
        genesisHash: '0xbbe312868b376a3001692a646dd2d7d1e4406380dfd86b98aa8a34d1557c971b',
        stateRoot: HOODI.stateRoot,
      },
      multiaddrs: bridge.multiaddrs,
    })
    const health = await fetch(`${bridge.url}/healthz`)
    expect(await health.json()).toMatchObject({ status: 'ok', network: 'hoodi', connections: 0 })
    for (const path of ['/', '//', '/peers', '/__proto__', '/constructor', '/%zz']) {
      expect([path, (await fetch(bridge.url + path)).status]).toEqual([path, 404])
    }
    expect((await fetch(`${bridge.url}/healthz`, { method: 'POST' })).status).toBe(405)
  })

  it('leaves nothing open when a port is refused', async () => {
    const bridge = await testBridge()
    const httpPort = Number(new URL(bridge.url).port)
    const options = { state: await hoodiState(), identityDir: await temporaryDir(), httpPort }
    await expect(createBridge({ ...options, webrtcPort: 0, wsPort: 0 })).rejects.toThrow(PortError)
  })

  it('ends while peers are connected', async () => {
    const bridge = await testBridge()
    const peers = libp2pPeers({ bridges: bridge.multiaddrs })
    const stop = new AbortController()
    const pipes = peers({ signal: stop.signal, onEvent: () => {} })[Symbol.asyncIterator]()
    const { value: pipe } = (await pipes.next()) as { value: FramePipe }
    await bridge.stop()
    for await (const _ of pipe);
    await expect(fetch(`${bridge.url}/healthz`)).rejects.toThrow()
    stop.abort()
    await pipes.return?.()
  })
})

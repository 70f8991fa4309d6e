import {
  accountEntries,
  encodeMessage,
  type FramePipe,
  fromHex,
  type RawResponse,
  SnapClient,
  toHex,
} from 'cambium/server'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { libp2pPeers } from '../../../src/libp2p/libp2pPeers.ts'
import { provideWebSocket } from '../../../test/support/libp2p/nodeWebSocket.ts'
import { downloadState } from '../../test/downloadState.ts'
import { hoodiState, testBridge } from '../../test/testBridge.ts'
import type { BridgeLogger } from '../BridgeLogger.ts'
import type { RelayedState, StateRelay } from '../BridgeState.ts'
import type { Bridge } from '../createBridge.ts'
import { HeadFeed } from './HeadFeed.ts'

beforeAll(provideWebSocket)

/** Connects as a page does, over WebSocket. */
async function pipeTo(bridge: Bridge): Promise<FramePipe> {
  const peers = libp2pPeers({ bridges: bridge.multiaddrs, transports: ['websocket'] })
  const leave = new AbortController()
  const pipes = peers({ signal: leave.signal, onEvent() {} })[Symbol.asyncIterator]()
  onTestFinished(async () => {
    leave.abort()
    await pipes.return?.()
  })
  const { value } = await pipes.next()
  return value as FramePipe
}

async function readToEnd(pipe: FramePipe): Promise<void> {
  for await (const _ of pipe);
}

async function metric({ url }: Bridge, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const line = text.split('\n').find((line) => line.startsWith(`cambium_bridge_${name} `))
  return Number(line?.split(' ').at(-1) ?? 0)
}

async function readyz({ url }: Bridge): Promise<[number, unknown]> {
  const response = await fetch(`${url}/readyz`)
  return [response.status, await response.json()]
}

function collectingLogger() {
  const lines: { level: string; fields: object; message: string }[] = []
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, fields, message })
  const logger: BridgeLogger = {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  }
  return { lines, logger }
}

/** States that others hold, who answer when they are told to. */
async function relayedState(ready: StateRelay['ready'] = () => ({ ready: true })) {
  const { network } = await hoodiState()
  const asked: ((answer: Pick<RawResponse, 'kind' | 'fields'>) => void)[] = []
  const head = { number: 5, hash: HASH, parentHash: HASH, stateRoot: HASH }
  const state: RelayedState = {
    ...{ network, heads: new HeadFeed(head) },
    relay: {
      answer: ({ id }) => new Promise((resolve) => asked.push((rest) => resolve({ id, ...rest }))),
      ready,
      refute: () => Promise.resolve(false),
      upstreams: () => ({ connected: 1, known: 2 }),
      stop: () => Promise.resolve(),
    },
  }
  return { state, asked }
}

const HASH = new Uint8Array(32).fill(0xab)
const CODES = { kind: 'ByteCodes', fields: Uint8Array.of(0xc2, 0x81, 0x99) } as const

describe('a bridge that serves', () => {
  it('counts what it answers', async () => {
    const bridge = await testBridge()
    const client = new SnapClient(await pipeTo(bridge))
    await client.getByteCodes({ hashes: [HASH], bytes: 10 })
    const root = fromHex((await hoodiState()).network.stateRoot, 'root')
    await downloadState(client, root)
    expect(await metric(bridge, 'requests_total{kind="GetByteCodes",outcome="empty"}')).toBe(1)
    const answered = await metric(
      bridge,
      'requests_total{kind="GetAccountRange",outcome="answered"}',
    )
    expect(answered).toBeGreaterThan(4)
    expect(await metric(bridge, 'request_seconds_count{kind="GetAccountRange"}')).toBe(answered)
    expect(await metric(bridge, 'answered_bytes_total{kind="GetAccountRange"}')).toBeGreaterThan(
      20_000,
    )
    expect(await metric(bridge, 'cache_requests_total{outcome="miss"}')).toBeGreaterThan(answered)
    for (const [name, value] of [
      ['streams', 1],
      ['peers', 1],
      ['connections{transport="websocket"}', 1],
      ['in_flight_requests', 0],
      ['waiting_requests', 0],
      ['unsent_bytes', 0],
    ] as const) {
      expect([name, await metric(bridge, name)]).toEqual([name, value])
    }
  })

  it('logs who comes and what it takes, and nothing of what it asks for', async () => {
    const { lines, logger } = collectingLogger()
    const bridge = await testBridge({ logger })
    const state = await hoodiState()
    const root = fromHex(state.network.stateRoot, 'root')
    await downloadState(new SnapClient(await pipeTo(bridge)), root)
    // What is refused is told, too.
    const bad = await pipeTo(bridge)
    bad.send(
      encodeMessage({ kind: 'GetTrieNodes', id: 1n, root, paths: [[HASH, HASH], []], bytes: 1 }),
    )
    await expect(readToEnd(bad)).rejects.toThrow()
    const malformed = await pipeTo(bridge)
    const frame = encodeMessage({ kind: 'GetByteCodes', id: 1n, hashes: [HASH], bytes: 1 })
    malformed.send(frame.slice(0, -1))
    await expect(readToEnd(malformed)).rejects.toThrow()
    await expect.poll(() => lines.filter(({ message }) => message === 'peer left')).toHaveLength(2)

    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual(
      expect.arrayContaining([
        ...['info serving', 'debug peer joined', 'trace request ended', 'debug peer dropped'],
      ]),
    )
    expect(lines.find(({ level }) => level === 'trace')?.fields).toEqual({
      ...{ peer: expect.any(String), kind: 'GetAccountRange', outcome: 'answered' },
      ...{ bytes: expect.any(Number), seconds: expect.any(Number) },
    })
    const text = JSON.stringify(lines, (_, value) =>
      typeof value === 'bigint' ? `${value}` : value,
    )
    const secrets = [...accountEntries(state.source, root)].flatMap(({ hash }) => [hash])
    expect(secrets.length).toBe(335)
    for (const secret of [HASH, ...secrets]) {
      expect(text.toLowerCase()).not.toContain(toHex(secret).slice(2, 18))
    }
  })

  it('lets who is answered too much wait, and nobody else', async () => {
    const bridge = await testBridge({ limits: { bytesPerSecondPerIp: 1 } })
    const [one, other] = [
      new SnapClient(await pipeTo(bridge)),
      new SnapClient(await pipeTo(bridge)),
    ]
    const root = fromHex((await hoodiState()).network.stateRoot, 'root')
    const question = { root, origin: new Uint8Array(32), limit: HASH, bytes: 1000 }
    expect((await one.getAccountRange(question)).accounts.count).toBeGreaterThan(1)
    const leave = new AbortController()
    const second = one.getAccountRange(question, { signal: leave.signal })
    await expect.poll(() => metric(bridge, 'waiting_requests')).toBe(1)
    expect((await other.getAccountRange(question)).accounts.count).toBeGreaterThan(1)
    expect(await metric(bridge, 'waiting_requests')).toBe(1)
    leave.abort(new Error('not now'))
    await expect(second).rejects.toThrow('not now')
  })
})

describe('a bridge whose peer goes', () => {
  it('leaves what it has asked for', async () => {
    const { state, asked } = await relayedState()
    const bridge = await testBridge({ state })
    const pipe = await pipeTo(bridge)
    const question = { kind: 'GetByteCodes', hashes: [HASH] } as const
    for (let id = 1n; id <= 50n; id++) {
      pipe.send(encodeMessage({ ...question, id, bytes: Number(id) }))
    }
    await expect.poll(() => asked.length).toBe(1)
    pipe.close()
    await expect.poll(() => metric(bridge, 'streams')).toBe(1)
    asked[0]!(CODES)
    await expect.poll(() => metric(bridge, 'streams')).toBe(0)
    const client = new SnapClient(await pipeTo(bridge))
    const answer = client.getByteCodes({ hashes: [HASH], bytes: 1000 })
    await expect.poll(() => asked.length).toBe(2)
    asked[1]!(CODES)
    expect((await answer).codes).toHaveLength(1)
  })
})

describe('a bridge at /readyz', () => {
  it('is ready with a state of its own', async () => {
    expect(await readyz(await testBridge())).toEqual([200, { ready: true }])
  })

  it('says what it waits for', async () => {
    let reason: string | undefined = 'no upstream is connected'
    const { state } = await relayedState(() =>
      reason === undefined ? { ready: true } : { ready: false, reason },
    )
    const bridge = await testBridge({ state })
    expect(await readyz(bridge)).toEqual([503, { ready: false, reason }])
    expect((await fetch(`${bridge.url}/healthz`)).status).toBe(200)
    reason = undefined
    expect(await readyz(bridge)).toEqual([200, { ready: true }])
    expect(await metric(bridge, 'head_number')).toBe(5)
  })
})

describe('a bridge that stops', () => {
  it('finishes what it has begun, and begins nothing', async () => {
    const { state, asked } = await relayedState()
    const bridge = await testBridge({ state })
    const client = new SnapClient(await pipeTo(bridge))
    const question = { hashes: [HASH], bytes: 100 }
    const first = client.getByteCodes(question)
    const second = client.getByteCodes({ ...question, bytes: 101 })
    const refusal = expect(second).rejects.toMatchObject({ code: 'PEER_CLOSED' })
    await expect.poll(() => asked.length).toBe(1)
    const stopped = bridge.stop()
    expect(await readyz(bridge)).toEqual([503, { ready: false, reason: 'stopping' }])
    asked[0]!(CODES)
    expect((await first).codes).toEqual([Uint8Array.of(0x99)])
    await refusal
    await stopped
    expect(asked).toHaveLength(1)
    await expect(fetch(`${bridge.url}/healthz`)).rejects.toThrow()
  })

  it('does not wait for ever', async () => {
    const { state, asked } = await relayedState()
    const bridge = await testBridge({ state })
    const client = new SnapClient(await pipeTo(bridge))
    const answer = client.getByteCodes({ hashes: [HASH], bytes: 100 })
    const refusal = expect(answer).rejects.toMatchObject({ code: 'PEER_CLOSED' })
    await expect.poll(() => asked.length).toBe(1)
    await bridge.stop()
    await refusal
  })
})

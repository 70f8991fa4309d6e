import { type ChildProcess, spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { accountEntries, ChangingState, fromHex } from 'cambium/server'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { setup } from '../../../scripts/setup.mjs'
import { libp2pPeers } from '../../../src/libp2p/libp2pPeers.ts'
import { provideWebSocket } from '../../../test/support/libp2p/nodeWebSocket.ts'
import manifest from '../../package.json' with { type: 'json' }
import { serverSentEvents } from '../../test/serverSentEvents.ts'
import { temporaryDir } from '../../test/testBridge.ts'
import { type HeadJson, headJson } from '../http/headJson.ts'
import { genesisSource } from '../sources/genesisSource.ts'

const CLI = join(import.meta.dirname, '../../dist/cli/main.js')
let place: string

beforeAll(async () => {
  provideWebSocket()
  place = await mkdtemp(join(tmpdir(), 'cambium-cli-'))
  // The command as it is published.
  await setup()
})
afterAll(() => rm(place, { recursive: true }))

function start(
  args: string[],
  variables: Record<string, string> = {},
): ChildProcess & { stdout: NodeJS.ReadableStream; stderr: NodeJS.ReadableStream } {
  const env = { ...process.env, HOME: place, XDG_DATA_HOME: join(place, 'data'), ...variables }
  const child = spawn(process.execPath, [CLI, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child as ReturnType<typeof start>
}

async function run(args: string[], variables?: Record<string, string>) {
  const child = start(args, variables)
  let [out, err] = ['', '']
  child.stdout.on('data', (data) => {
    out += data
  })
  child.stderr.on('data', (data) => {
    err += data
  })
  const [status] = await once(child, 'close')
  return { status, out, err }
}

const FREE_PORTS = ['--webrtc-port', '0', '--ws-port', '0', '--http-port', '0']

/** Starts a bridge with `--json`, and reads its line. */
async function serving(args: string[], variables?: Record<string, string>) {
  const child = start(['--json', ...args], variables)
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  let told = ''
  child.stderr.on('data', (data) => {
    told += data
  })
  await once(reader, 'line')
  return { child, lines, errors: () => told, ready: JSON.parse(lines[0] ?? '') }
}

describe('cambium-bridge', () => {
  it('serves, tells one line of JSON, and ends on SIGTERM', async () => {
    const identity = await temporaryDir()
    const args = ['--state', 'hoodi', '--identity', identity]
    const { child, lines, ready } = await serving([...args, ...FREE_PORTS])
    expect(ready).toMatchObject({
      network: { name: 'hoodi', chainId: 560048 },
      ...{ accounts: 335, slots: 33, codes: 5 },
    })
    expect(await (await fetch(`${ready.url}/peers.json`)).json()).toEqual({
      network: ready.network,
      multiaddrs: ready.multiaddrs,
    })
    const peers = libp2pPeers({ bridges: ready.multiaddrs })
    for await (const pipe of peers({ signal: AbortSignal.timeout(20_000), onEvent() {} })) {
      expect([pipe.peer, pipe.transport]).toEqual([ready.peerId, 'webrtc'])
      child.kill('SIGTERM')
      break
    }
    expect(await once(child, 'close')).toEqual([0, null])
    expect(lines).toHaveLength(1)

    // The same keys and ports give the same addresses.
    const ports = ready.multiaddrs.map((address: string) => address.split('/')[4])
    const again = ['--webrtc-port', ports[0], '--ws-port', ports[1], '--http-port', '0']
    const restarted = await serving([...args, ...again])
    expect(restarted.ready.multiaddrs).toEqual(ready.multiaddrs)
    restarted.child.kill('SIGINT')
    expect(await once(restarted.child, 'close')).toEqual([0, null])
  })

  it('takes its options from the environment, and logs to stderr', async () => {
    const { child, lines, errors } = await serving(['--http-port', '0'], {
      CAMBIUM_BRIDGE_STATE: 'hoodi',
      CAMBIUM_BRIDGE_IDENTITY: join(await temporaryDir(), 'keys'),
      CAMBIUM_BRIDGE_WEBRTC_PORT: '0',
      CAMBIUM_BRIDGE_WS_PORT: '0',
      CAMBIUM_BRIDGE_HTTP_PORT: 'none',
      CAMBIUM_BRIDGE_LOG_LEVEL: 'info',
      CAMBIUM_BRIDGE_LOG_FORMAT: 'json',
    })
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([0, null])
    expect(lines).toHaveLength(1)
    const logged = errors()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(logged.map(({ level, msg }) => `${level} ${msg}`)).toEqual([
      ...['info serving', 'info stopping', 'info stopped'],
    ])
  })

  it('ends at once at a second signal', async () => {
    const { child } = await serving(['--state', 'hoodi', ...FREE_PORTS], {
      CAMBIUM_BRIDGE_LOG_LEVEL: 'info',
    })
    child.kill('SIGTERM')
    let told = ''
    for await (const text of child.stderr.setEncoding('utf8')) {
      told += text
      if (told.includes('stopping')) break
    }
    child.kill('SIGTERM')
    const [status, signal] = await once(child, 'close')
    // The first may have done its work by then.
    expect([`${status} ${signal}`]).toContainEqual(expect.stringMatching(/^(null SIGTERM|0 null)$/))
  })

  it('changes its state by the blocks of its seed', async () => {
    const args = ['--state', 'hoodi', '--blocks', '0.1', '--seed', '7']
    const { child, ready } = await serving([...args, ...FREE_PORTS])
    const { source, network } = await genesisSource('hoodi')
    const root = fromHex(network.stateRoot, 'root')
    const twin = new ChangingState(accountEntries(source, root), {
      seed: 7,
      changes: { accounts: [1, 1] },
    })
    expect(ready.head).toEqual(headJson(twin.head))
    let count = 0
    for await (const head of serverSentEvents(`${ready.url}/heads`)) {
      while (twin.head.number < (head as HeadJson).number) twin.advance()
      expect(head).toEqual(headJson(twin.head))
      if (++count === 3) break
    }
    child.kill('SIGTERM')
    expect(await once(child, 'close')).toEqual([0, null])
  })

  it('says to people what it serves and where', async () => {
    const child = start(['--state', 'hoodi', ...FREE_PORTS])
    const reader = createInterface({ input: child.stdout })
    const lines: string[] = []
    for await (const line of reader) {
      lines.push(line)
      if (line.includes('/peers.json')) child.kill('SIGINT')
    }
    const text = lines.join('\n')
    for (const part of ['hoodi', 'chain 560048', '0xda87d7f5', '335 accounts', '/webrtc-direct/']) {
      expect(text).toContain(part)
    }
  })

  it('prints its help and its version', async () => {
    const help = await run(['--help'])
    expect(help).toMatchObject({ status: 0, err: '' })
    for (const option of [
      'CAMBIUM_BRIDGE_STATE',
      '--state',
      '--identity',
      '--webrtc-port',
      '--json',
      '--blocks',
      '--seed',
    ]) {
      expect(help.out).toContain(option)
    }
    expect(await run(['--version'])).toEqual({ status: 0, out: `${manifest.version}\n`, err: '' })
  })

  it.each([
    ['no state', [], '--state (or CAMBIUM_BRIDGE_STATE)'],
    ['a rate that is none', ['--state', 'hoodi', '--rate', 'fast'], '"fast"'],
    ['a log level that is none', ['--state', 'hoodi', '--log-level', 'loud'], '"loud"'],
    ['an unknown network', ['--state', 'hodi'], '"hodi"'],
    ['a file that is not there', ['--state', './nothing.json'], './nothing.json'],
    ['an unknown option', ['--state', 'hoodi', '--bogus'], '--bogus'],
    ['an option without its value', ['--state'], '--state'],
    ['an argument too many', ['--state', 'hoodi', 'extra'], 'extra'],
    ['a port too high', ['--state', 'hoodi', '--ws-port', '65536'], '65536'],
    ['a port that is no number', ['--state', 'hoodi', '--http-port', 'http'], 'http'],
    ['a host that is no address', ['--state', 'hoodi', '--host', 'here'], '"here"'],
    ['a time between blocks that is no number', ['--state', 'hoodi', '--blocks', '1s'], '"1s"'],
    ['no time between blocks', ['--state', 'hoodi', '--blocks', '0'], '0.1 to 86400 seconds'],
    ['a seed that is no integer', ['--state', 'x', '--blocks', '1', '--seed', '1.5'], '"1.5"'],
    ['a seed without blocks', ['--state', 'hoodi', '--seed', '1'], '--blocks'],
    ['a malformed address to tell', ['--state', 'hoodi', '--announce', '/nope'], '"/nope"'],
  ])('refuses %s with one line', async (_, args, part) => {
    const { status, err } = await run(args)
    expect({ status, lines: err.split('\n').length }).toEqual({ status: 1, lines: 2 })
    expect(err).toMatch(/^cambium-bridge: /)
    expect(err).toContain(part)
  })

  it('refuses files that are no state with one line that names the file', async () => {
    const path = join(await temporaryDir(), 'state.json')
    const root = `0x${'12'.repeat(32)}`
    for (const [text, part] of [
      ['{"root":\n', path],
      ['{}', path],
      [JSON.stringify({ root, accounts: {} }), root],
    ] as const) {
      await writeFile(path, text)
      const { status, err } = await run(['--state', path, ...FREE_PORTS])
      expect({ status, lines: err.split('\n').length }).toEqual({ status: 1, lines: 2 })
      expect(err).toContain(part)
      expect(err).toContain(path)
    }
  })

  it.each([
    ['HTTP', '--http-port', 'tcp'],
    ['WebSocket', '--ws-port', 'tcp'],
    ['WebRTC', '--webrtc-port', 'udp'],
  ])('refuses a port of %s that is taken with one line', async (name, flag, protocol) => {
    const socket =
      protocol === 'udp'
        ? createSocket('udp4').bind(0, '127.0.0.1')
        : createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void socket.close())
    await once(socket, 'listening')
    const { port } = socket.address() as { port: number }
    const taken = await run(['--state', 'hoodi', ...FREE_PORTS, flag, `${port}`])
    const err = `cambium-bridge: ${name} port ${port}: already in use\n`
    expect(taken).toMatchObject({ status: 1, err })
  })

  it.each([
    ['below a file', 'file/keys'],
    ['with other things in it that others may read', ''],
    ['in a place without files', '/proc/cambium/keys'],
  ])('refuses an identity directory %s with one line', async (_, path) => {
    const place = await temporaryDir()
    await writeFile(join(place, 'file'), '')
    await chmod(place, 0o755)
    const identity = resolve(place, path)
    const { status, err } = await run(['--state', 'hoodi', ...FREE_PORTS, '--identity', identity])
    expect({ status, lines: err.split('\n').length }).toEqual({ status: 1, lines: 2 })
    expect(err).toContain(`cambium-bridge: bridge identity at ${identity}: `)
  })
})

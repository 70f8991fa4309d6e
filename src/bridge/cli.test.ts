import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { fromHex } from '../bytes/hex.ts'
import { libp2pPeers } from '../libp2p/libp2pPeers.ts'
import { accountEntries } from '../snap/accountEntries.ts'
import { ChangingState } from '../testing/ChangingState.ts'
import { provideWebSocket } from './fixtures/nodeWebSocket.ts'
import { serverSentEvents } from './fixtures/serverSentEvents.ts'
import { temporaryDir } from './fixtures/testBridge.ts'
import { type HeadJson, headJson } from './headJson.ts'
import { genesisSource } from './sources/genesisSource.ts'

const root = join(import.meta.dirname, '../..')
let place: string

beforeAll(async () => {
  provideWebSocket()
  // The command as it is published, compiled beside nothing but the manifest and the dependencies.
  place = await mkdtemp(join(tmpdir(), 'cambium-cli-'))
  await symlink(join(root, 'node_modules'), join(place, 'node_modules'))
  await cp(join(root, 'package.json'), join(place, 'package.json'))
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const args = ['-p', join(root, 'tsconfig.build.json'), '--outDir', join(place, 'dist')]
  await promisify(execFile)(process.execPath, [tsc, ...args, '--noCheck'])
})
afterAll(() => rm(place, { recursive: true }))

function start(args: string[]): ChildProcess & { stdout: NodeJS.ReadableStream } {
  const cli = join(place, 'dist', 'bridge', 'cli.js')
  const env = { ...process.env, HOME: place, XDG_DATA_HOME: join(place, 'data') }
  const child = spawn(process.execPath, [cli, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child as ReturnType<typeof start>
}

async function run(args: string[]) {
  const child = start(args)
  let [out, err] = ['', '']
  child.stdout.on('data', (data) => {
    out += data
  })
  child.stderr?.on('data', (data) => {
    err += data
  })
  const [status] = await once(child, 'close')
  return { status, out, err }
}

const FREE_PORTS = ['--webrtc-port', '0', '--ws-port', '0', '--http-port', '0']

/** Starts a bridge with `--json`, and reads its line. */
async function serving(args: string[]) {
  const child = start(['--json', ...args])
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  await once(reader, 'line')
  return { child, lines, ready: JSON.parse(lines[0] ?? '') }
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

  it('changes its state by the blocks of its seed', async () => {
    const args = ['--state', 'hoodi', '--blocks', '0.1', '--seed', '7']
    const { child, ready } = await serving([...args, ...FREE_PORTS])
    const { source, network } = await genesisSource('hoodi')
    const root = fromHex(network.stateRoot, 'root')
    const twin = new ChangingState(accountEntries(source, root), {
      seed: 7,
      changes: { accounts: [2, 4] },
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
    ['no state', [], '--state'],
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

  it('refuses a port that is taken and an identity that cannot be written with one line', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const taken = await run(['--state', 'hoodi', ...FREE_PORTS, '--http-port', `${port}`])
    expect(taken).toMatchObject({ status: 1 })
    expect(taken.err).toBe(`cambium-bridge: HTTP port ${port}: already in use\n`)

    const file = join(await temporaryDir(), 'file')
    await writeFile(file, '')
    const identity = join(file, 'keys')
    const refused = await run(['--state', 'hoodi', ...FREE_PORTS, '--identity', identity])
    expect({ status: refused.status, lines: refused.err.split('\n').length }).toEqual({
      status: 1,
      lines: 2,
    })
    expect(refused.err).toContain(identity)
  })
})

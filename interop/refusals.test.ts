import { spawn } from 'node:child_process'
import { beforeEach, expect, test, vi } from 'vitest'
import { freePort } from '../bridge/src/freePort.ts'
import { genesis } from './chain/genesis.ts'
import { Wallet } from './chain/Wallet.ts'
import { ChainFixture } from './lib/ChainFixture.ts'

const CLI = new URL('../bridge/dist/cli/main.js', import.meta.url).pathname

let chainFixture: ChainFixture
beforeEach(() => {
  chainFixture = new ChainFixture()
  return () => chainFixture.end()
})

/** Runs the command as a person does. */
function bridge(state: string) {
  const ports = ['--webrtc-port=0', '--ws-port=0', '--http-port=0']
  const child = spawn(process.execPath, [
    ...[CLI, '--state', state, '--identity', chainFixture.path('identity')],
    ...ports,
  ])
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text) => {
      said[stream] += text
    })
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  chainFixture.defer(() => {
    child.kill('SIGKILL')
    return ended
  })
  return { said, ended }
}

test('an enode with the id of another node is refused in one line', async () => {
  const geth = await chainFixture.geth('geth')
  const other = await chainFixture.geth('other')
  const [id] = other.enode.split('@')
  const [, place] = geth.enode.split('@')
  const { said, ended } = bridge(`rlpx:${id}@${place}`)
  expect(await ended).toBe(1)
  expect(said.stderr).toMatch(/^cambium-bridge: [^\n]+\n$/)
  expect(said.stderr).toContain(place)
  expect(said.stderr).toMatch(/is the id in the enode its own\?/)
})

test('an enode at which nothing listens is refused in one line', async () => {
  const geth = await chainFixture.geth('geth')
  const [id] = geth.enode.split('@')
  const place = `127.0.0.1:${await freePort('p2p', 'tcp', '127.0.0.1', 0)}`
  const { said, ended } = bridge(`rlpx:${id}@${place}`)
  expect(await ended).toBe(1)
  expect(said.stderr).toMatch(/^cambium-bridge: [^\n]+\n$/)
  expect(said.stderr).toContain(place)
})

test('a geth of another network beside the right one is told in a line, and left alone', async () => {
  const right = await chainFixture.geth('right')
  // The same network id, another genesis block.
  const wrong = await chainFixture.geth('wrong', genesis([new Wallet('somebody else')]))
  const { said } = bridge(`rlpx:${right.enode},${wrong.enode}`)
  const lines = () => `${said.stdout}${said.stderr}`.split('\n')
  await vi.waitFor(() => expect(lines().join('\n')).toContain('/peers.json'), { timeout: 30_000 })
  const [, place] = wrong.enode.split('@')
  // Either may have been the first that was reached.
  await vi.waitFor(
    () =>
      expect(lines().filter((line) => line.includes('belongs to network 1337'))).not.toEqual([]),
    { timeout: 30_000 },
  )
  const [line] = lines().filter((line) => line.includes('belongs to'))
  expect(line).toMatch(new RegExp(`${place}|${right.enode.split('@')[1]}`))
})

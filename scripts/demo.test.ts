import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'

const directory = mkdtempSync(join(tmpdir(), 'cambium-demo-test-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

function run(script: string, ...args: string[]) {
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data) => {
    stdout += data
  })
  child.stderr.on('data', (data) => {
    stderr += data
  })
  return new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (status) => resolve({ status, stdout, stderr }))
  })
}

function file(name: string, contents: unknown): string {
  const path = join(directory, name)
  writeFileSync(path, typeof contents === 'string' ? contents : JSON.stringify(contents))
  return path
}

describe.each(['./demo.mjs', './start.mjs'])('%s refuses', (script) => {
  test.each([
    ['an unknown network', ['--state', 'ropsten'], '"ropsten"'],
    ['a file that is not there', ['--state', './none/such.json'], '"./none/such.json"'],
    ['an unknown flag', ['--stat', 'mainnet'], "'--stat'"],
    ['a flag without its value', ['--state'], "'--state <value>'"],
    ['a stray word', ['hoodi'], "'hoodi'"],
    ['blocks of a state that stays', ['--blocks', '2'], '--blocks'],
    ['a time that is none', ['--moving', '--blocks', 'soon'], '"soon"'],
    ['a distance that is none', ['--moving', '--distance', '1.5'], '"1.5"'],
    ['a pivot that is stale at once', ['--moving', '--distance', '9', '--max-age', '9'], 'not 9'],
  ])('%s in one line that names it', async (_what, args, named) => {
    const { status, stdout, stderr } = await run(script, ...args)
    expect(status).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(/^error: [^\n]+\n$/)
    expect(stderr).toContain(named)
  })

  test.each([
    ['a file that is not JSON', file('garbled.json', '{"alloc": '), 'garbled.json'],
    ['a file that holds no state', file('other.json', { name: 'cambium' }), 'other.json'],
    [
      'a dump whose accounts do not have its root',
      file('forged.json', { root: `0x${'12'.repeat(32)}`, accounts: {} }),
      `0x${'12'.repeat(32)}`,
    ],
  ])('%s, after the set-up', async (_what, path, named) => {
    const { status, stdout, stderr } = await run(script, '--state', path)
    expect(status).toBe(1)
    expect(stdout).not.toContain('Bridge')
    const last = stderr.trimEnd().split('\n').at(-1)
    expect(last).toMatch(/^error: /)
    expect(last).toContain(named)
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})

test('the demo refuses an unknown transport', async () => {
  const { status, stderr } = await run('./demo.mjs', '--transport', 'pigeon')
  expect(status).toBe(1)
  expect(stderr).toBe('error: unknown transport "pigeon"; there are webrtc and websocket\n')
})

test('the pages are refused a port that is none', async () => {
  const { status, stderr } = await run('./start.mjs', '--port', '70000')
  expect(status).toBe(1)
  expect(stderr).toBe('error: a port is a number from 0 to 65535, not "70000"\n')
})

test('both commands list their options', async () => {
  for (const script of ['./demo.mjs', './start.mjs']) {
    const { status, stdout } = await run(script, '--help')
    expect(status).toBe(0)
    expect(stdout).toContain('--state')
    expect(stdout).toContain('--moving')
  }
})

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('./simulate.mjs', import.meta.url))

/** Without what this run of vitest tells its workers. */
function ownEnv(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST'))
  return Object.fromEntries(entries)
}

function run(...args: string[]) {
  return new Promise<{ status: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [script, ...args], { env: ownEnv() }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stdout, stderr })
    })
  })
}

test.each([
  ['an unknown flag', ['--sed', '1'], "'--sed'"],
  ['a flag without its value', ['--seeds'], "'--seeds <value>'"],
  ['a stray word', ['17'], "'17'"],
  ['no seeds', ['--seeds', '0'], '--seeds must be a whole number from 1 on, got "0"'],
  ['a seed that is none', ['--seed', '1e3'], '--seed must be a whole number from 0 on, got "1e3"'],
])('simulations are refused %s in one line that names it', async (_, args, named) => {
  const { status, stdout, stderr } = await run(...args)
  expect(status).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^error: [^\n]+\n$/)
  expect(stderr).toContain(named)
})

test('the options of simulations are listed', async () => {
  const { status, stdout } = await run('--help')
  expect(status).toBe(0)
  for (const option of ['--seeds', '--seed', '--json', '--help']) expect(stdout).toContain(option)
})

test('a thousand simulations are right', { timeout: 600_000 }, async () => {
  const { status, stdout, stderr } = await run('--seeds', '1000', '--json')
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
  expect(JSON.parse(stdout)).toEqual({ seeds: 1_000, passed: 1_000, failed: 0, names: [] })
})

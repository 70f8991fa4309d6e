import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('./interop.mjs', import.meta.url))

function run(args: string[], env: Record<string, string> = {}) {
  return new Promise<{ status: unknown; stdout: string; stderr: string }>((resolve) => {
    const options = { env: { ...process.env, ...env } }
    execFile(process.execPath, [script, ...args], options, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stdout, stderr })
    })
  })
}

test.each([
  ['an unknown flag', ['--jsn'], "'--jsn'"],
  ['a flag without its value', ['--grep'], "'--grep <value>'"],
  ['a stray word', ['geth'], "'geth'"],
  ['a pattern that is none', ['--grep', 'geth('], '"geth(" is no regular expression'],
])('the command is refused %s in one line that names it', async (_, args, named) => {
  const { status, stdout, stderr } = await run(args)
  expect(status).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^error: [^\n]+\n$/)
  expect(stderr).toContain(named)
})

test('a geth that is not there is told in one line, after the set-up', async () => {
  const { status, stdout, stderr } = await run(['--json'], { GETH_PATH: '/none/such/geth' })
  expect(status).toBe(1)
  expect(stdout).toBe('')
  const last = stderr.trimEnd().split('\n').at(-1)
  expect(last).toBe('error: GETH_PATH names no file: /none/such/geth')
})

test('the options are listed', async () => {
  const { status, stdout } = await run(['--help'])
  expect(status).toBe(0)
  for (const option of ['--grep', '--json', '--help']) expect(stdout).toContain(option)
})

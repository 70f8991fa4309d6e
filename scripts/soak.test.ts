import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('./soak.mjs', import.meta.url))

function run(...args: string[]) {
  return new Promise<{ status: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stdout, stderr })
    })
  })
}

test.each([
  ['an unknown flag', ['--client', '1'], "'--client'"],
  ['a stray word', ['17'], "'17'"],
  ['too few clients', ['--clients', '3'], '--clients must be a whole number, at least 4, got "3"'],
  ['a time that is none', ['--seconds', '1m'], '--seconds must be a whole number'],
  ['an abuse that is none', ['--abuse', 'flood,love'], '"love"'],
])('a soak is refused %s in one line that names it', async (_, args, named) => {
  const { status, stdout, stderr } = await run(...args)
  expect(status).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^error: [^\n]+\n$/)
  expect(stderr).toContain(named)
})

test('the options of a soak are listed', async () => {
  const { status, stdout } = await run('--help')
  expect(status).toBe(0)
  for (const option of ['--clients', '--seconds', '--abuse', '--pace', '--json', '--help']) {
    expect(stdout).toContain(option)
  }
})

test('a soaked bridge runs as the unit and the image run it', () => {
  const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')
  const [, set = ''] = /const ENVIRONMENT = \{ (.*) \}/.exec(read('scripts/soak.mjs')) ?? []
  const variables = [...set.matchAll(/(\w+): '([^']+)'/g)].map(
    ([, name, value]) => `${name}=${value}`,
  )
  expect(variables).toHaveLength(2)
  for (const path of ['docs/systemd/cambium-bridge.service', 'docs/docker/Dockerfile']) {
    for (const variable of variables) expect(read(path)).toContain(variable)
  }
})

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const script = fileURLToPath(new URL('./scenarios.mjs', import.meta.url))

function run(...args: string[]) {
  return new Promise<{ status: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [script, ...args], (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stdout, stderr })
    })
  })
}

test.each([
  ['an unknown flag', ['--jsn'], "'--jsn'"],
  ['a flag without its value', ['--grep'], "'--grep <value>'"],
  ['a stray word', ['TestSync'], "'TestSync'"],
  ['a pattern that is none', ['--grep', 'Test('], '"Test(" is no regular expression'],
])('the scenarios are refused %s in one line that names it', async (_, args, named) => {
  const { status, stdout, stderr } = await run(...args)
  expect(status).toBe(1)
  expect(stdout).toBe('')
  expect(stderr).toMatch(/^error: [^\n]+\n$/)
  expect(stderr).toContain(named)
})

test('the options are listed', async () => {
  const { status, stdout } = await run('--help')
  expect(status).toBe(0)
  for (const option of ['--grep', '--json', '--help']) expect(stdout).toContain(option)
})

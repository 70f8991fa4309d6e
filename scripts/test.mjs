// Everything that can be checked: source, types, tests in Node and in Chromium, the package, its
// size. Ends with one line that counts tests and checks together.
//
//   npm test
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from './chromium.mjs'
import { command, flags } from './lib/command.mjs'
import { addCounts, summary } from './lib/tests/counts.mjs'
import { countTests } from './lib/tests/countTests.mjs'
import { privateTemporary } from './lib/tests/privateTemporary.mjs'
import { runVitest } from './lib/tests/runVitest.mjs'
import { setup } from './setup.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/**
 * What → the command that checks it: a package's bin or a script of this folder, then its
 * arguments.
 */
const CHECKS = {
  'format and lint': ['biome', 'ci', '--colors=off', '.'],
  types: ['tsc', '-p', 'tsconfig.json'],
  spelling: ['cspell', '--no-progress', '--quiet', '**/*.{ts,mjs,md}'],
  'unused files, missing dependencies': [
    ...['knip', '--no-progress', '--include', 'files,dependencies,unlisted,unresolved,binaries'],
  ],
  'cambium (publint)': ['publint', '--strict'],
  'cambium-bridge (publint)': ['publint', '--strict', 'bridge'],
  // Nobody who imports this package is on CommonJS or on Node 10's resolution: it is ESM only.
  'types of cambium (attw)': ['attw', '--pack', '.', '--profile', 'esm-only', '--no-emoji'],
  'types of cambium-bridge (attw)': [
    ...['attw', '--pack', 'bridge', '--profile', 'esm-only', '--no-emoji'],
  ],
  'bundle sizes': ['size-limit'],
  'what each package installs': ['footprint.mjs'],
}

/** All of vitest's but `interop`, which needs geth: `npm run interop` runs that. */
const PROJECTS = ['node', 'chromium', 'web']

await command(async (defer) => {
  const { help } = flags({ help: { type: 'boolean', short: 'h', default: false } })
  if (help) {
    console.log('Runs all checks and all tests.\n\nUsage: npm test')
    return 0
  }
  const leftBehind = privateTemporary(defer)
  await setup({ log: console.log })
  const { path, from } = await chromium(console.log)
  console.log(`Browser: ${path} (${from})`)

  let counts = { passed: 0, failed: 0, skipped: 0 }
  for (const [what, bin] of Object.entries(CHECKS)) {
    const { status, output } = await run(bin)
    console.log(`${status === 0 ? '✓' : '✗'} ${what}`)
    if (status !== 0) console.log(output.trimEnd())
    counts = addCounts(counts, { passed: Number(status === 0), failed: Number(status !== 0) })
  }

  const projects = PROJECTS.map((project) => `--project=${project}`)
  const { status, report } = await runVitest(projects, { out: 1, reporter: 'default', defer })
  counts = addCounts(counts, countTests(report, status))

  const left = leftBehind()
  console.log(`${left.length === 0 ? '✓' : '✗'} nothing left in the temporary folder`)
  for (const name of left) console.log(name)
  counts = addCounts(counts, { passed: Number(left.length === 0), failed: Number(left.length > 0) })

  console.log(summary(counts))
  return counts.failed === 0 ? 0 : 1
})

/**
 * @param {string[]} command as in {@link CHECKS}
 * @returns {Promise<{status: number, output: string}>}
 */
function run([name = '', ...args]) {
  return new Promise((resolve, reject) => {
    const [file, ...before] = name.endsWith('.mjs')
      ? [process.execPath, join(ROOT, 'scripts', name)]
      : [join(ROOT, 'node_modules', '.bin', name)]
    const child = spawn(file, [...before, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: process.platform === 'win32' && file !== process.execPath,
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    }
    child.once('error', reject)
    child.once('close', (status) => resolve({ status: status ?? 1, output }))
  })
}

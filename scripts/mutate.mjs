// Shows that the scenarios can fail: breaks the engine in one place at a time, and runs the
// scenario that must notice.
//
//   npm run mutate -- --help
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandError } from './lib/CommandError.mjs'
import { command, flags } from './lib/command.mjs'
import { mutated } from './lib/tests/mutated.mjs'
import { MUTATIONS } from './mutations.mjs'
import { setup } from './setup.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What a run of the tests needs beside node_modules. */
const COPIED = [
  'asm',
  'scripts',
  'src',
  'test',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
]

/**
 * A mutation may make a sync wait for ever; the slowest scenario takes some 30 s where nothing is
 * broken.
 */
const TIMEOUT_MS = 180_000

const HELP = `Breaks a copy of the engine in one place at a time, and runs the scenario that
must notice: docs/testing.md lists them. Each scenario is run without the
mutation first, where it must pass.

Usage: npm run mutate -- [options]

  --grep PATTERN   only mutations of whose name this regular expression matches a part
  --json           end with one line of JSON on stdout; all else goes to stderr
  --help

Exit status 0 only if every mutation was caught.`

await command(async (defer) => {
  const { help, json, grep } = flags({
    grep: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  })
  if (help) {
    console.log(HELP)
    return 0
  }
  const out = json ? process.stderr : process.stdout
  /** @param {string} line */
  const log = (line) => void out.write(`${line}\n`)
  const chosen = MUTATIONS.filter(({ name }) => grep === undefined || new RegExp(grep).test(name))
  if (chosen.length === 0) throw new CommandError(`no mutation matches "${grep}"`)
  await setup({ log })

  const copy = mkdtempSync(join(tmpdir(), 'cambium-mutants-'))
  defer(() => rmSync(copy, { recursive: true, force: true }))
  for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))

  /** @type {string[]} */
  const survived = []
  for (const [index, mutation] of chosen.entries()) {
    const { name, file, test, scenario } = mutation
    const path = join(copy, file)
    const source = readFileSync(path, 'utf8')
    const sound = await run(copy, test, scenario)
    writeFileSync(path, mutated(source, mutation))
    const broken = await run(copy, test, scenario)
    writeFileSync(path, source)
    const caught = sound === 'passed' && broken === 'failed'
    if (!caught) survived.push(name)
    const outcome = caught ? '✓ caught' : `✗ ${sound} without it, ${broken} with it`
    log(`${index + 1}/${chosen.length}  ${outcome}: ${name}\n         by: ${scenario}`)
  }
  const caught = chosen.length - survived.length
  if (json) console.log(JSON.stringify({ mutations: chosen.length, caught, survived }))
  else log(`${chosen.length} mutations: ${caught} caught, ${survived.length} survived`)
  return survived.length === 0 ? 0 : 1
})

/**
 * Runs one scenario of a copy.
 *
 * @param {string} directory of the copy
 * @param {string} test file
 * @param {string} scenario title
 * @returns {Promise<'passed' | 'failed' | 'missing'>} a scenario that does not end has failed
 */
function run(directory, test, scenario) {
  const report = join(directory, 'report.json')
  rmSync(report, { force: true })
  const pattern = scenario.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const args = ['run', '--project=node', '--reporter=json', `--outputFile=${report}`]
  const script = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  return new Promise((resolve, reject) => {
    const child = spawn(
      process.execPath,
      [script, ...args, `--testNamePattern=${pattern}`, '--bail=1', test],
      { cwd: directory, stdio: 'ignore', timeout: TIMEOUT_MS, killSignal: 'SIGKILL' },
    )
    child.once('error', reject)
    child.once('close', (status, signal) => {
      if (signal !== null) return resolve('failed')
      const { numPassedTests = 0 } = read(report)
      resolve(status !== 0 ? 'failed' : numPassedTests > 0 ? 'passed' : 'missing')
    })
  })
}

/**
 * @param {string} report
 * @returns {{numPassedTests?: number}}
 */
function read(report) {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return {}
  }
}

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
import { mutantOutcome, scenarioPassed, scenarioPattern } from './lib/tests/mutantOutcome.mjs'
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
 * A mutation may make a sync wait for ever; the slowest scenario takes some 30 s if nothing is
 * broken.
 */
const TIMEOUT_MS = 180_000

const HELP = `Breaks a copy of the engine in one place at a time, and runs the scenario that
must notice: docs/testing.md lists both. Each scenario is run without the
mutation first, and must pass then.

Usage: npm run mutate -- [options]

  --grep PATTERN   only mutations of whose name this regular expression matches a part
  --jobs N         so many run side by side (default: 2)
  --json           end with one line of JSON on stdout; all else goes to stderr
  --help

Exit status 0 only if every mutation was caught.`

await command(async (defer) => {
  const { help, json, grep, jobs } = flags({
    grep: { type: 'string' },
    jobs: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  })
  if (help) {
    console.log(HELP)
    return 0
  }
  if (!/^[1-9]\d?$/.test(jobs)) throw new CommandError(`--jobs must be 1 to 99, got ${jobs}`)
  const out = json ? process.stderr : process.stdout
  /** @param {string} line */
  const log = (line) => void out.write(`${line}\n`)
  const chosen = MUTATIONS.filter(({ name }) => grep === undefined || new RegExp(grep).test(name))
  if (chosen.length === 0) throw new CommandError(`no mutation matches "${grep}"`)
  await setup({ log })

  const directory = mkdtempSync(join(tmpdir(), 'cambium-mutants-'))
  defer(() => rmSync(directory, { recursive: true, force: true }))
  const copies = Array.from({ length: Number(jobs) }, (_, index) => {
    const copy = join(directory, String(index))
    for (const name of COPIED) cpSync(join(ROOT, name), join(copy, name), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
    return copy
  })

  /** @type {Set<string>} */
  const sound = new Set()
  await eachOn(copies, [...new Set(chosen.map(({ test }) => test))], async (copy, test) => {
    const scenarios = chosen.filter((it) => it.test === test).map(({ scenario }) => scenario)
    const { report } = await run(copy, test, scenarios, defer)
    for (const it of scenarios) if (scenarioPassed(report, it)) sound.add(`${test} ${it}`)
  })

  let caught = 0
  let done = 0
  await eachOn(copies, chosen, async (copy, mutation) => {
    const { name, file, test, scenario } = mutation
    const path = join(copy, file)
    const source = readFileSync(path, 'utf8')
    writeFileSync(path, mutated(source, mutation))
    const broken = mutantOutcome(await run(copy, test, [scenario], defer, '--bail=1'))
    writeFileSync(path, source)
    const before = sound.has(`${test} ${scenario}`) ? 'passed' : 'did not pass'
    const isCaught = before === 'passed' && broken === 'failed'
    if (isCaught) caught++
    const outcome = isCaught ? '✓ caught' : `✗ ${before} without it, ${broken} with it`
    log(`${++done}/${chosen.length}  ${outcome}: ${name}\n         by: ${scenario}`)
  })
  const mutants = chosen.length
  if (json) console.log(JSON.stringify({ mutants, caught }))
  else log(`${mutants} mutations: ${caught} caught, ${mutants - caught} survived`)
  return caught === mutants ? 0 : 1
})

/**
 * Does some work for each item, in as many copies of the project as there are at a time.
 *
 * @template Item
 * @param {readonly string[]} copies
 * @param {readonly Item[]} items
 * @param {(copy: string, item: Item) => Promise<void>} work
 */
async function eachOn(copies, items, work) {
  const left = [...items]
  await Promise.all(
    copies.map(async (copy) => {
      for (let item = left.shift(); item !== undefined; item = left.shift()) await work(copy, item)
    }),
  )
}

/**
 * Runs scenarios of a test file in a copy.
 *
 * @param {string} directory of the copy
 * @param {string} test file
 * @param {string[]} scenarios their titles
 * @param {import('./lib/command.mjs').Defer} defer
 * @param {string[]} more arguments
 * @returns {Promise<import('./lib/tests/mutantOutcome.mjs').Run>}
 */
function run(directory, test, scenarios, defer, ...more) {
  const file = join(directory, 'report.json')
  rmSync(file, { force: true })
  const script = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const args = ['run', '--project=node', '--reporter=json', `--outputFile=${file}`]
  const pattern = `--testNamePattern=${scenarioPattern(scenarios)}`
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args, pattern, ...more, test], {
      ...{ cwd: directory, stdio: 'ignore', timeout: TIMEOUT_MS, killSignal: 'SIGKILL' },
    })
    defer(() => child.kill('SIGKILL'))
    child.once('error', reject)
    child.once('close', (status, signal) => {
      resolve({ status, timedOut: signal !== null, report: read(file) })
    })
  })
}

/**
 * @param {string} file
 * @returns {import('./lib/tests/mutantOutcome.mjs').Report | undefined}
 */
function read(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

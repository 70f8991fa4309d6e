// Runs the named scenarios: those of the reference's own tests, by their names there, and those that it does not have.
//
//   npm run scenarios -- --help
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandError } from './lib/CommandError.mjs'
import { command, flags } from './lib/command.mjs'
import { scenarioReport } from './lib/scenarioReport.mjs'
import { setup } from './setup.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** Where scenarios are: folders, and files beside other tests. */
const SCENARIOS = [
  'src/trie/rangeProof.test.ts',
  'src/trie/sync/trieSync.test.ts',
  'src/trie/sync/newStateSync.test.ts',
  'src/sync/StateFetcher.test.ts',
  'src/sync/ContentLoop.test.ts',
  'src/sync/scenarios/',
  'web-test/unit/scenarios/',
]

const HELP = `Runs the named scenarios of state sync: go-ethereum's tests of proofs, healing
and snap sync by their names, and what those do not test. Those that sync into a
store run over memory and over Chromium's IndexedDB.

Usage: npm run scenarios -- [options]

  --grep PATTERN   only scenarios of whose name, or the name of their group, this
                   regular expression matches a part: --grep 'Sync$', --grep memory
  --json           end with one line of JSON on stdout; all else goes to stderr
  --help

Exit status 0 only if every scenario passed.`

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
  if (grep !== undefined) checkPattern(grep)
  const out = json ? process.stderr : process.stdout
  await setup({ log: (line) => void out.write(`${line}\n`) })

  const directory = mkdtempSync(join(tmpdir(), 'cambium-scenarios-'))
  defer(() => rmSync(directory, { recursive: true, force: true }))
  const file = join(directory, 'report.json')
  const args = ['run', '--reporter=verbose', '--reporter=json', `--outputFile.json=${file}`]
  if (grep !== undefined) args.push(`--testNamePattern=${grep}`, '--hideSkippedTests')
  const status = await vitest([...args, ...SCENARIOS], json ? 2 : 1)

  const report = scenarioReport(readReport(file), status)
  const { scenarios, passed, failed } = report
  if (scenarios === 0) throw new CommandError(`no scenario matches "${grep}"`)
  if (json) console.log(JSON.stringify(report))
  else console.log(`${scenarios} scenarios: ${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
})

/** @param {string} pattern */
function checkPattern(pattern) {
  try {
    new RegExp(pattern)
  } catch (cause) {
    throw new CommandError(`"${pattern}" is no regular expression`, { cause })
  }
}

/** @param {string} path of vitest's report, which is missing when vitest did not get that far */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/**
 * @param {string[]} args
 * @param {1 | 2} out the stream for what it prints
 * @returns {Promise<number>} its exit status
 */
function vitest(args, out) {
  return new Promise((resolve, reject) => {
    const script = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
    const stdio = /** @type {const} */ (['ignore', out, 'inherit'])
    const child = spawn(process.execPath, [script, ...args], { cwd: ROOT, stdio: [...stdio] })
    child.once('error', reject)
    child.once('close', (status) => resolve(status ?? 1))
  })
}

// Syncs the state of real geths into headless Chromium through a bridge, while the chain grows,
// restarts and reorganizes.
//
//   npm run interop -- --help
import { CommandError } from './lib/CommandError.mjs'
import { command, flags } from './lib/command.mjs'
import { geth } from './lib/geth.mjs'
import { checkPattern } from './lib/tests/checkPattern.mjs'
import { interopResult } from './lib/tests/interopResult.mjs'
import { runVitest } from './lib/tests/runVitest.mjs'
import { scenarioReport } from './lib/tests/scenarioReport.mjs'
import { setup } from './setup.mjs'

const HELP = `Syncs the state of geth into headless Chromium through a bridge, while geth makes
blocks, and compares what the browser has with what geth says. Finds a geth of
version 1.17 or newer (GETH_PATH, the path), or builds one under build/ with Go.

Usage: npm run interop -- [options]

  --grep PATTERN   only scenarios of whose name this regular expression matches a part
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
  checkPattern(grep)
  const out = json ? process.stderr : process.stdout
  /** @param {string} line */
  const log = (line) => void out.write(`${line}\n`)
  await setup({ log })
  const { path, version, from } = geth({ log })
  log(`geth      ${path} (${version}, ${from})`)

  const chosen = grep === undefined ? [] : [`--testNamePattern=${grep}`, '--hideSkippedTests']
  const run = await runVitest(['--project=interop', ...chosen], {
    ...{ out: json ? 2 : 1, reporter: 'verbose', defer },
    env: { ...process.env, GETH_PATH: path },
  })
  const { scenarios, passed, failed } = scenarioReport(run.report, run.status)
  if (scenarios === 0) throw new CommandError(`no scenario matches "${grep}"`)
  const result = interopResult(run.report)
  if (json) console.log(JSON.stringify({ geth: version, ...result, scenarios, passed, failed }))
  else console.log(`${scenarios} scenarios: ${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
})

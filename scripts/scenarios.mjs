// Runs the named scenarios: those of the reference's own tests, by their names there, and those
// that it does not have.
//
//   npm run scenarios -- --help
import { CommandError } from './lib/CommandError.mjs'
import { command, flags } from './lib/command.mjs'
import { checkPattern } from './lib/tests/checkPattern.mjs'
import { runVitest } from './lib/tests/runVitest.mjs'
import { scenarioReport } from './lib/tests/scenarioReport.mjs'
import { setup } from './setup.mjs'

/** Where scenarios are: folders, and files beside other tests. */
const SCENARIOS = [
  'src/verifier/rangeProof.test.ts',
  'src/sync/heal/scheduler/TrieSync.geth.test.ts',
  'src/sync/heal/scheduler/newStateSync.test.ts',
  'src/sync/follow/StateFetcher.test.ts',
  'src/sync/follow/PivotLoop.test.ts',
  'test/scenarios/',
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
  checkPattern(grep)
  const out = json ? process.stderr : process.stdout
  await setup({ log: (line) => void out.write(`${line}\n`) })

  const chosen = grep === undefined ? [] : [`--testNamePattern=${grep}`, '--hideSkippedTests']
  const run = await runVitest([...chosen, ...SCENARIOS], {
    ...{ out: json ? 2 : 1, reporter: 'verbose', defer },
  })

  const report = scenarioReport(run.report, run.status)
  const { scenarios, passed, failed } = report
  if (scenarios === 0) throw new CommandError(`no scenario matches "${grep}"`)
  if (json) console.log(JSON.stringify(report))
  else console.log(`${scenarios} scenarios: ${passed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
})

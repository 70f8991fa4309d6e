// Runs simulations of state sync, any number of them, each decided by its seed.
//
//   npm run simulate -- --help
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { startVitest } from 'vitest/node'
import { CommandError } from './lib/CommandError.mjs'
import { command, flags } from './lib/command.mjs'
import { SimulationCounter } from './lib/tests/SimulationCounter.mjs'
import { setup } from './setup.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The seeds are shared by as many files, see `seeds.suite.ts`. */
const MOST_WORKERS = 4

const HELP = `Simulates state syncs in virtual time: states that change while they are synced,
peers that are slow, lose answers, lag behind, lie, join and leave, roots that
move, processes that die and go on. Each seed decides one run; what is stored in
the end is compared with the truth.

Usage: npm run simulate -- [options]

  --seeds N   how many runs (default: 1000)
  --seed S    the first seed (default: 0); the others follow it
  --json      end with one line of JSON on stdout; all else goes to stderr
  --help

Exit status 0 only if every run was right. A seed that fails is named with the
command that runs it again, exactly as it was.`

await command(async (defer) => {
  const options = flags({
    seeds: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  })
  if (options.help) {
    console.log(HELP)
    return 0
  }
  const seeds = wholeNumber('--seeds', options.seeds, 1)
  const seed = wholeNumber('--seed', options.seed, 0)
  const out = options.json ? process.stderr : process.stdout
  await setup({ log: (line) => void out.write(`${line}\n`) })

  const counter = new SimulationCounter(seeds, out)
  const vitest = await startVitest('test', ['test/simulation/seeds'], {
    ...{ root: ROOT, config: false, watch: false, include: ['test/simulation/**/*.test.ts'] },
    maxWorkers: Math.min(availableParallelism(), MOST_WORKERS),
    env: { SIMULATION_SEED: String(seed), SIMULATION_SEEDS: String(seeds) },
    reporters: [counter],
  })
  defer(() => vitest.close())
  const { ran, failed, seconds } = counter.end()
  const names = failed.map(({ seed }) => seed).sort((a, b) => a - b)
  const report = { seeds: ran, passed: ran - names.length, failed: names.length, names }
  if (options.json) console.log(JSON.stringify(report))
  const figures = `${report.passed} passed, ${report.failed} failed`
  if (!options.json) console.log(`${ran} seeds in ${seconds.toFixed(0)} s: ${figures}`)
  if (ran < seeds) throw new CommandError(`${seeds - ran} of ${seeds} seeds did not run`)
  return names.length === 0 ? 0 : 1
})

/**
 * @param {string} flag
 * @param {string} text
 * @param {number} least
 */
function wholeNumber(flag, text, least) {
  const number = Number(text)
  if (/^\d+$/.test(text) && number >= least && Number.isSafeInteger(number)) return number
  throw new CommandError(`${flag} must be a whole number from ${least} on, got "${text}"`)
}

// Times Cambium against everyone else. Contenders take turns within each round, and their answers
// are compared before anything is timed. See README.md beside this file.
//
//   npm run bench [-- --json] [--only PATTERN] [--rounds N]
import { command, flags } from '../scripts/lib/command.mjs'
import { setup } from '../scripts/setup.mjs'
import { Report } from './lib/Report.mjs'

const HELP = `Times Cambium against everyone else; bench/README.md tells how.

npm run bench -- [options]

  --only PATTERN  of the suites, those whose name has this in it (a regular expression):
                  keccak, native, range, geth, write, server, transport, far, million
  --rounds N      rounds of each comparison (default: 15; of syncs a third of it, of the million accounts one)
  --json          as the last line one flat JSON object with all figures
  --help`

/** Suites by name, loaded when they run: they need what setup builds. */
const SUITES = {
  keccak: () => import('./suites/keccak.mjs').then(({ keccak }) => keccak),
  native: () => import('./suites/native.mjs').then(({ native }) => native),
  range: () => import('./suites/range.mjs').then(({ range }) => range),
  geth: () => import('./suites/geth.mjs').then(({ geth }) => geth),
  write: () => import('./suites/write.mjs').then(({ write }) => write),
  server: () => import('./suites/server.mjs').then(({ server }) => server),
  transport: () => import('./suites/transport.mjs').then(({ transport }) => transport),
  far: () => import('./suites/far.mjs').then(({ far }) => far),
  million: () => import('./suites/million.mjs').then(({ million }) => million),
}

await command(async (defer) => {
  const options = flags({
    json: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    rounds: { type: 'string', default: '15' },
    help: { type: 'boolean', default: false },
  })
  if (options.help) {
    console.log(HELP)
    return 0
  }
  await setup({ log: console.error })
  const { openBench } = await import('./lib/openBench.mjs')
  const bench = await openBench(defer)
  const report = new Report()
  for (const [name, load] of Object.entries(SUITES)) {
    if (!new RegExp(options.only).test(name)) continue
    const suite = await load()
    await suite({ bench, report, rounds: Math.max(1, Number(options.rounds)), defer })
  }
  if (options.json) console.log(JSON.stringify(report.figures))
  return 0
})

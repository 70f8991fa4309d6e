// Kills the whole of Chromium at random moments of a sync, and counts what is gone afterwards.
//
//   npm run kills -- --help
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CHROMIUM_FLAGS, chromium } from './chromium.mjs'
import { CommandError } from './lib/CommandError.mjs'
import { command, flags } from './lib/command.mjs'
import { KillCounter } from './lib/kills/KillCounter.mjs'
import { setup } from './setup.mjs'

const HELP = `Syncs a made-up state into headless Chromium, kills all of its processes (SIGKILL)
at a random moment, starts it again over the same profile, and counts what is gone.
A state that completes is audited, removed and synced again.

Usage: npm run kills -- [options]

  --kills N          how often (default 100)
  --durability D     relaxed or strict: of every transaction, in place of the
                     library's own choice
  --accounts N       of the state (default 100000)
  --seed N           of the moments (default: a random one, which is printed)
  --json             end with one line of JSON on stdout; all else goes to stderr
  --help

Exit status 0 only if nothing was lost that had been acknowledged.`

/** Between the first write of a run and the kill, at most. */
const MAX_DELAY_MS = 1_000
/** A page that has not begun to write by then never will. */
const PATIENCE_MS = 60_000

await command(async (defer) => {
  const options = flags({
    kills: { type: 'string', default: '100' },
    durability: { type: 'string' },
    accounts: { type: 'string', default: '100000' },
    seed: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  })
  if (options.help) {
    console.log(HELP)
    return 0
  }
  const { durability } = options
  if (durability !== undefined && durability !== 'relaxed' && durability !== 'strict') {
    throw new CommandError(`unknown durability "${durability}"; there are relaxed and strict`)
  }
  const [kills, accounts] = [number('kills', options.kills), number('accounts', options.accounts)]
  const out = options.json ? process.stderr : process.stdout
  /** @param {string} line */
  const log = (line) => void out.write(`${line}\n`)

  await setup({ log })
  const { syntheticState } = await import('../dist/testing/index.js')
  const { SeededRandom } = await import('../dist/served/changing/SeededRandom.js')
  const { serveKills } = await import('./lib/kills/serveKills.mjs')
  const random = new SeededRandom(options.seed === undefined ? undefined : Number(options.seed))
  const state = await syntheticState({ seed: 1, accounts, contracts: 0.05 })
  const { path: executable } = await chromium(log)
  const directory = mkdtempSync(join(tmpdir(), 'cambium-kills-'))
  defer(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }))
  log(`Kills     ${kills}, ${durability ?? 'the durability of the library'}, seed ${random.seed}`)

  const counter = new KillCounter()
  /** @type {(message: import('./lib/kills/serveKills.mjs').LogMessage) => void} */
  let onLog = () => {}
  const page = await serveKills({
    source: state.source,
    onLog(message) {
      counter.hear(message)
      onLog(message)
    },
    defer,
  })
  const query = new URLSearchParams({ root: state.stateRoot, ...(durability && { durability }) })
  const began = performance.now()
  // One browser more than kills: the last one tells what the last kill did.
  for (let run = 0; run <= kills; run++) {
    const writing = new Promise((resolve, reject) => {
      const late = () => reject(new CommandError('the page has not begun to write'))
      const timer = setTimeout(late, PATIENCE_MS)
      onLog = ({ type }) => {
        // Once it has opened, what is written is of this run.
        if (type === 'opened') onLog = ({ type }) => type === 'asked' && done()
        if (type === 'failed') done()
      }
      const done = () => {
        clearTimeout(timer)
        resolve(undefined)
      }
    })
    const kill = startChromium(executable, join(directory, 'profile'), `${page}?${query}`)
    defer(kill)
    await writing
    counter.settle()
    if (run < kills) {
      await new Promise((resolve) => setTimeout(resolve, random.below(MAX_DELAY_MS)))
    }
    await kill()
    if (run === kills) break
    counter.killed()
    if (counter.kills % 10 === 0) {
      const { lost, openFailedFirst } = counter
      const seconds = Math.round((performance.now() - began) / 1000)
      log(`${counter.kills} kills in ${seconds} s: lost ${lost}, opens failed ${openFailedFirst}`)
    }
  }
  const figures = { ...counter.figures, durability: durability ?? 'default', seed: random.seed }
  if (options.json) console.log(JSON.stringify(figures))
  else for (const [name, value] of Object.entries(figures)) log(`${name}  ${JSON.stringify(value)}`)
  return counter.lost === 0 ? 0 : 1
})

/**
 * @param {string} name
 * @param {string} text
 */
function number(name, text) {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new CommandError(`--${name} must be a whole number above 0, got ${text}`)
}

/**
 * Starts Chromium without a driver, which would take longer to connect than the page to open.
 *
 * @param {string} executable
 * @param {string} profile
 * @param {string} url
 * @returns {() => Promise<void>} kills all of its processes
 */
function startChromium(executable, profile, url) {
  const flags = [...CHROMIUM_FLAGS, '--headless=new', `--user-data-dir=${profile}`, url]
  // A group of its own: the renderers are killed with the browser.
  const child = spawn(executable, flags, { detached: true, stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr.resume()
  // `close`, not `exit`: the other processes hold files of the profile until they end.
  const ended = once(child, 'close')
  return async () => {
    if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
      process.kill(-child.pid, 'SIGKILL')
    }
    await ended
  }
}

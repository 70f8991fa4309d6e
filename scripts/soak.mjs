// Runs one bridge against hundreds of clients, honest and hostile, and measures what the honest
// ones lose by the others. How is in docs/testing.md.
//
//   npm run soak -- --help
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { CommandError } from './lib/CommandError.mjs'
import { command, flags } from './lib/command.mjs'
import { ABUSES } from './lib/soak/abuses.mjs'
import { ClientProcess } from './lib/soak/ClientProcess.mjs'
import { cpuSeconds } from './lib/soak/cpuSeconds.mjs'
import { peakMemory } from './lib/soak/peakMemory.mjs'
import { writeState } from './lib/soak/writeState.mjs'
import { startBridge } from './lib/startBridge.mjs'
import { setup } from './setup.mjs'

/** Of the clients, these are hostile. */
const ABUSIVE_SHARE = 0.25
/** Of the clients, one of so many comes over WebRTC; all of these share the address 127.0.0.1. */
const WEBRTC_EVERY = 10

/** As in docs/systemd and docs/docker. */
const ENVIRONMENT = { NODE_OPTIONS: '--max-old-space-size=256', MALLOC_ARENA_MAX: '2' }

/** What is to be shown. */
const MIN_KEPT = 0.8
const MAX_PEAK_MB = 512

/**
 * A window in which bytes are counted, and the time between an attack's beginning or end and the
 * next window, in seconds: enough for what was asked for before to be answered, which would count
 * for the wrong one.
 */
const WINDOW_SECONDS = 4
const SETTLE_SECONDS = 2

const HELP = `Runs one bridge against clients, honest and hostile, and measures what the honest
ones lose by the others: rounds of a window without an attack and one under attack.

Usage: npm run soak -- [options]

  --clients N   all together; a quarter of them is hostile    (default 200)
  --seconds N   how long it takes, without the setup          (default 120)
  --abuse KINDS what the hostile do, separated by commas: ${Object.keys(ABUSES).join(', ')}
                (default all of them, in equal parts)
  --pace BYTES  what an honest client takes per second at most (default 49152)
  --json        end with one line of JSON on stdout; all else goes to stderr
  --help

Exit status 0 only if the honest clients kept ${MIN_KEPT * 100} % of their throughput, the bridge
stayed below ${MAX_PEAK_MB} MB, and nothing in it crashed. Needs Linux.`

await command(async (defer) => {
  const options = flags({
    clients: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '120' },
    abuse: { type: 'string', default: Object.keys(ABUSES).join(',') },
    pace: { type: 'string', default: '49152' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  })
  if (options.help) {
    console.log(HELP)
    return 0
  }
  const [clients, seconds, pace] = [
    whole('clients', options.clients, 4),
    whole('seconds', options.seconds, 20),
    whole('pace', options.pace, 1),
  ]
  const kinds = options.abuse.split(',')
  const unknown = kinds.find((kind) => !Object.hasOwn(ABUSES, kind))
  if (unknown !== undefined) throw new CommandError(`--abuse: no such kind, "${unknown}"`)
  const out = options.json ? process.stderr : process.stdout
  const log = (/** @type {string} */ line) => void out.write(`${line}\n`)
  await setup({ log })

  const report = await soak({ clients, seconds, pace, kinds, log, defer })
  const { kept, peakMB, crashed } = report
  log(`kept ${(kept * 100).toFixed(1)} % of the throughput (at least ${MIN_KEPT * 100} %)`)
  log(`${peakMB} MB at most (less than ${MAX_PEAK_MB} MB), ${crashed ? 'crashed' : 'no crash'}`)
  if (options.json) console.log(JSON.stringify(report))
  return kept >= MIN_KEPT && peakMB < MAX_PEAK_MB && !crashed ? 0 : 1
})

/**
 * @param {object} options
 * @param {number} options.clients
 * @param {number} options.seconds
 * @param {number} options.pace
 * @param {string[]} options.kinds
 * @param {(line: string) => void} options.log
 * @param {import('./lib/command.mjs').Defer} options.defer
 */
async function soak({ clients, seconds, pace, kinds, log, defer }) {
  const directory = mkdtempSync(join(tmpdir(), 'cambium-soak-'))
  defer(() => rmSync(directory, { recursive: true, force: true }))
  const state = join(directory, 'state.json')
  log('making a state')
  await writeState(state)
  const { root } = JSON.parse(readFileSync(state, 'utf8'))
  const bridge = await startBridge({
    ...{ state, identity: join(directory, 'keys'), environment: ENVIRONMENT, defer },
    // WebRTC comes from 127.0.0.1, and a quarter of the hostile: the address that many share. All
    // others have their own.
    more: ['--shared-ip', '127.0.0.1', '--log-level', 'error', '--log-format', 'json'],
  })
  const bridgeMemory = () => peakMemory(bridge.pid)
  log(`the bridge, ${bridge.url}, has ${bridgeMemory().toFixed(0)} MB at start`)
  let ended = false
  void bridge.ended.then(() => (ended = true))

  const abusive = Math.round(clients * ABUSIVE_SHARE)
  const honest = clients - abusive
  const [honestClients, abusiveClients] = [
    new ClientProcess('honest', { niceness: 0, defer }),
    // What it takes of the machine is not what is measured.
    new ClientProcess('abusive', { niceness: 10, defer }),
  ]
  const start = (
    /** @type {number} */ count,
    /** @type {number} */ network,
    /** @type {number} */ sharedEvery,
  ) => ({
    ...{ root, port: webSocketPort(bridge.multiaddrs), bytesPerSecond: pace, kinds },
    clients: Array.from({ length: count }, (_, index) =>
      wayOf(bridge.multiaddrs, network, index, sharedEvery),
    ),
  })
  log(`connecting ${honest} honest clients`)
  await honestClients.do('start', start(honest, 1, Number.POSITIVE_INFINITY))
  await abusiveClients.do('start', start(abusive, 2, 4))

  const processes = [bridge.pid, honestClients.pid, abusiveClients.pid]
  /**
   * @returns bytes per second that all honest clients received in a window, and how much of a core
   *   each process took
   */
  async function measured() {
    await pause(SETTLE_SECONDS * 1000)
    const [before, since] = [await honestClients.do('look'), performance.now()]
    const used = processes.map(cpuSeconds)
    await pause(WINDOW_SECONDS * 1000)
    const after = await honestClients.do('look')
    const passed = (performance.now() - since) / 1000
    const cores = processes.map((pid, index) => (cpuSeconds(pid) - (used[index] ?? 0)) / passed)
    return { bytesPerSecond: (sum(after.bytes) - sum(before.bytes)) / passed, cores }
  }

  const begun = performance.now()
  /** @type {{before: Rate, disturbed: Rate, after: Rate}[]} */
  const rounds = []
  const roundMs = 2000 * (WINDOW_SECONDS + SETTLE_SECONDS)
  let before = await measured()
  log(`before: ${describe(before)}`)
  while (!ended && performance.now() - begun + roundMs / 2 <= seconds * 1000) {
    await abusiveClients.do('attack')
    const disturbed = await measured()
    await abusiveClients.do('retreat')
    const after = await measured()
    rounds.push({ before, disturbed, after })
    log(`round ${rounds.length}, under attack: ${describe(disturbed)}`)
    log(`    after: ${describe(after)}; at most ${bridgeMemory().toFixed(0)} MB`)
    before = after
  }
  const passed = (performance.now() - begun) / 1000
  const { bytes, proven, failures } = await honestClients.do('look')
  log(
    `honest clients proved ${proven} ranges; ${bytes.filter((count) => count === 0).length} got nothing`,
  )
  for (const [what, count] of grouped(failures)) log(`  ${count} × ${what}`)
  const drops = await dropsOf(bridge.url).catch(() => ['the bridge does not answer'])
  log(`the bridge dropped or refused: ${drops.join(', ')}`)
  const faults = bridge.errors().split('\n').filter(Boolean)
  for (const fault of faults.slice(0, 5)) log(`  ${fault}`)
  const peakMB = ended ? 0 : Math.round(bridgeMemory())
  // A bridge that does not end when it is told to has not got over it either.
  if (!ended) await bridge.stop()
  const status = await bridge.ended
  return {
    ...{ clients, honest, abusive },
    undisturbedBytesPerSecond: Math.round(
      median(rounds.map((round) => round.after.bytesPerSecond)),
    ),
    disturbedBytesPerSecond: Math.round(
      median(rounds.map((round) => round.disturbed.bytesPerSecond)),
    ),
    kept: Number(median(rounds.map(kept)).toFixed(3)),
    peakMB,
    crashed: status !== 0 || faults.length > 0,
    seconds: Math.round(passed),
  }
}

/**
 * @param {string[]} multiaddrs
 * @param {number} network tells addresses of honest clients and others apart
 * @param {number} index
 * @param {number} sharedEvery one of so many comes from the address that many share
 */
function wayOf(multiaddrs, network, index, sharedEvery) {
  const webrtc = index % WEBRTC_EVERY === WEBRTC_EVERY - 1
  const address = multiaddrs.find((text) => text.includes('/webrtc-direct/') === webrtc) ?? ''
  const shared = webrtc || index % sharedEvery === sharedEvery - 1
  return {
    address,
    from: shared ? '127.0.0.1' : `127.${network}.${index >> 8}.${(index & 255) + 1}`,
  }
}

/** @param {string[]} multiaddrs */
function webSocketPort(multiaddrs) {
  const address = multiaddrs.find((text) => text.includes('/ws/')) ?? ''
  return Number(address.split('/')[4])
}

/** @param {string} url */
async function dropsOf(url) {
  const text = await (await fetch(`${url}/metrics`)).text()
  const found = [...text.matchAll(/^cambium_bridge_drops_total\{reason="(.*)"\} (\d+)$/gm)]
  return found.map(([, reason, count]) => `${count} ${reason}`)
}

/** @param {[string, number][]} counts */
function grouped(counts) {
  /** @type {Map<string, number>} */
  const sums = new Map()
  for (const [what, count] of counts) sums.set(what, (sums.get(what) ?? 0) + count)
  return [...sums].sort(([, a], [, b]) => b - a).slice(0, 8)
}

/**
 * @param {string} name
 * @param {string} text
 * @param {number} least
 */
function whole(name, text, least) {
  if (/^\d+$/.test(text) && Number(text) >= least) return Number(text)
  throw new CommandError(`--${name} must be a whole number, at least ${least}, got "${text}"`)
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0)
}

/** @param {number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  return ((sorted[(sorted.length - 1) >> 1] ?? 0) + (sorted[sorted.length >> 1] ?? 0)) / 2
}

/**
 * How much of the throughput before and after an attack was left under it: what else the machine
 * does comes and goes.
 *
 * @param {{before: Rate, disturbed: Rate, after: Rate}} round
 * @typedef {{bytesPerSecond: number, cores: number[]}} Rate
 */
function kept({ before, disturbed, after }) {
  return (2 * disturbed.bytesPerSecond) / (before.bytesPerSecond + after.bytesPerSecond)
}

/** @param {Rate} rate */
function describe({ bytesPerSecond, cores }) {
  const [bridge, honest, abusive] = cores.map((part) => `${(part * 100).toFixed(0)} %`)
  return `${(bytesPerSecond / 2 ** 20).toFixed(1)} MiB/s (cores: bridge ${bridge}, clients ${honest} and ${abusive})`
}

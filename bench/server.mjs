// Times the bridge's side: how fast a synthetic state of a million accounts is made, built and
// served, and what it takes. In Node, in a process of its own, so that what others left in memory
// is not counted. See README.md beside this file.
//
//   node bench/server.mjs [--json] [--accounts N] [--rounds N]
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { command, flags } from '../scripts/lib/command.mjs'
import { setup } from '../scripts/setup.mjs'

/** What Cambium asks of a peer whose link is fast. */
const ANSWER_BYTES = 512 * 1024

/** Accounts of the state with contracts: one in ten, with 0.8 slots per account in all. */
const MIXED_ACCOUNTS = 200_000

/**
 * @typedef {object} ServerBench
 * @property {number} [accounts] of the state that is served, plain ones; default a million, which
 *   names the keys
 * @property {number} [rounds] times that all of it is served and built; default 5, medians are
 *   given
 */

/**
 * Measures in a child process. The library must have been built.
 *
 * @param {ServerBench} [options]
 * @returns {Promise<Record<string, number>>} `server.accountsPerSecond`: answers of 512 KiB with
 *   both edge proofs, from the request to the frame; `server.build.accountsPerSecond`: from sorted
 *   leaves to the root; `server.1m.MB`, `server.1m.peakMB`: resident memory above a process that
 *   has loaded the bridge and no state, after all of it was served, and at most; left out where
 *   there is no /proc; `testing.accountsPerSecond`, `testing.mixed.accountsPerSecond`:
 *   `syntheticState`, from the seed to the root, of plain accounts, and of 200,000, a tenth of them
 *   contracts. Each rate also as `…PerCpuSecond`, by the processor time that was used instead of
 *   the time that passed: that holds on a machine that others use
 */
export async function serverFigures({ accounts = 1_000_000, rounds = 5 } = {}) {
  const order = JSON.stringify({ accounts, rounds })
  const child = fork(fileURLToPath(import.meta.url), ['--measure', order])
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`the measuring process ended with ${status}`)
  })
  ended.catch(() => {})
  const [figures] = await Promise.race([once(child, 'message'), ended])
  child.disconnect()
  return figures
}

/**
 * @param {Required<ServerBench>} options
 * @returns {Promise<Record<string, number>>}
 */
async function measure({ accounts, rounds }) {
  const { createVerifier, syntheticState } = await import('../dist/testing/index.js')
  // What a bridge has loaded before it has a state.
  await import('../bridge/dist/index.js')
  const verifier = await createVerifier()
  const bare = residentMB('VmRSS')

  // Compiles, so that the first state is not slower than the second.
  await syntheticState({ seed: 1, accounts: 10_000, contracts: 0.1, verifier })
  const plain = { seed: 1, accounts, contracts: 0 }
  const [state, ...made] = await timed(() => syntheticState({ ...plain, verifier }))
  const serve = await server(state)
  const served = []
  for (let round = 0; round < rounds; round++) served.push((await timed(serve)).slice(1))
  const memory = {
    ...megabytes('server.1m.MB', residentMB('VmRSS'), bare),
    ...megabytes('server.1m.peakMB', residentMB('VmHWM'), bare),
  }

  const built = []
  for (let round = 0; round < rounds; round++) {
    built.push((await timed(() => state.paid(1))).slice(1))
  }
  const mixed = { seed: 1, accounts: MIXED_ACCOUNTS, contracts: 0.1, shared: 0.2 }
  const [, ...mixedTimes] = await timed(() => syntheticState({ ...mixed, verifier }))
  return {
    ...rates('server.accounts', accounts, served),
    ...rates('server.build.accounts', accounts, built),
    ...memory,
    ...rates('testing.accounts', accounts, [made]),
    ...rates('testing.mixed.accounts', MIXED_ACCOUNTS, [mixedTimes]),
  }
}

/**
 * What serves a whole state, range by range, as one client asks for them.
 *
 * @param {import('../dist/testing/index.js').MemoryState} state
 */
async function server({ source, stateRoot, accounts }) {
  const { stateServer } = await import('../dist/testing/index.js')
  const { encodeMessage } = await import('../dist/snap/encodeMessage.js')
  const { decodeMessage } = await import('../dist/snap/decodeMessage.js')
  const root = Uint8Array.from(Buffer.from(stateRoot.slice(2), 'hex'))
  const limit = new Uint8Array(32).fill(0xff)
  const handler = stateServer(source)
  /** @param {Uint8Array} origin */
  const answer = (origin) =>
    encodeMessage(
      handler({ kind: 'GetAccountRange', id: 1n, root, origin, limit, bytes: ANSWER_BYTES }),
    )

  // Where each request begins, found once and not timed: a client reads it off the answer before.
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const origins = []
  let served = 0
  for (let origin = new Uint8Array(32); served < accounts; ) {
    origins.push(origin)
    const message = decodeMessage(answer(origin))
    if (!('accounts' in message) || !('proof' in message)) throw new Error('no account range')
    served += message.accounts.count
    origin = after(message.accounts.keys.slice(-32))
  }
  if (served !== accounts) throw new Error(`${served} accounts were served, not ${accounts}`)
  return () => {
    for (const origin of origins) answer(origin)
  }
}

/** @param {Uint8Array} key @returns {Uint8Array<ArrayBuffer>} the next one */
function after(key) {
  const next = key.slice()
  for (let at = next.length - 1; at >= 0; at--) {
    next[at] = ((next[at] ?? 0) + 1) & 0xff
    if (next[at] !== 0) break
  }
  return next
}

/**
 * @template Result
 * @param {() => Result} work
 * @returns {Promise<[Awaited<Result>, ms: number, cpuMs: number]>} also how long it took, and how
 *   much of a processor
 */
async function timed(work) {
  const start = performance.now()
  const before = process.cpuUsage()
  const result = await work()
  const { user, system } = process.cpuUsage(before)
  return [result, performance.now() - start, (user + system) / 1000]
}

/**
 * @param {'VmRSS' | 'VmHWM'} what resident memory: now, or at most @returns {number | undefined}
 */
function residentMB(what) {
  try {
    const status = readFileSync('/proc/self/status', 'utf8')
    return Number(new RegExp(`^${what}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1024
  } catch {
    return undefined
  }
}

/**
 * @param {string} key
 * @param {number | undefined} now
 * @param {number | undefined} bare
 */
function megabytes(key, now, bare) {
  return now === undefined || bare === undefined ? {} : { [key]: Math.round(now - bare) }
}

/**
 * @param {string} key
 * @param {number} count of what was done each time
 * @param {unknown[][]} times of each time the ms that passed and those of a processor
 */
function rates(key, count, times) {
  /** @param {number} index */
  const rate = (index) =>
    Math.round((count * 1000) / median(times.map((time) => Number(time[index]))))
  return { [`${key}PerSecond`]: rate(0), [`${key}PerCpuSecond`]: rate(1) }
}

/** @param {number[]} values */
function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , mode, order] = process.argv
  if (mode === '--measure' && process.send) {
    process.send(await measure(JSON.parse(order ?? '')))
  } else {
    await command(async () => {
      const options = flags({
        json: { type: 'boolean', default: false },
        accounts: { type: 'string', default: '1000000' },
        rounds: { type: 'string', default: '5' },
      })
      await setup({ log: console.error })
      const figures = await serverFigures({
        accounts: Number(options.accounts),
        rounds: Number(options.rounds),
      })
      for (const [key, figure] of Object.entries(figures)) {
        console.error(`  ${key.padEnd(34)}${figure.toLocaleString('en').padStart(12)}`)
      }
      if (options.json) console.log(JSON.stringify(figures))
      return 0
    })
  }
}

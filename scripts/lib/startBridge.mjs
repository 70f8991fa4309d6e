import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { CommandError } from './CommandError.mjs'

const CLI = fileURLToPath(new URL('../../bridge/dist/cli/main.js', import.meta.url))

/** A bridge that does not end when asked to is ended. */
const STOP_TIMEOUT_MS = 5_000

/**
 * Starts a bridge as a process of its own, on loopback.
 *
 * @param {object} options
 * @param {string} options.state what to serve: a network or a file
 * @param {string} options.identity directory of the bridge's keys
 * @param {number | undefined} [options.blockSeconds] changes the state by made-up blocks, one every
 *   so often; without it the state stays
 * @param {{webrtc: number, ws: number, http: number}} [options.ports] 0, the default of each, takes
 *   a free one
 * @param {string[]} [options.more] further arguments of the command
 * @param {string} [options.cli] path of the command; default this checkout's
 * @param {Record<string, string>} [options.environment] further variables
 * @param {import('./command.mjs').Defer} options.defer
 * @returns {Promise<{url: string, multiaddrs: string[], pid: number, stop: () => Promise<void>,
 *   ended: Promise<number | null>, errors: () => string}>} `url`: where its `/peers.json` is;
 *   `ended`: its exit status; `errors`: the end of what it told on stderr
 * @throws {CommandError} with the bridge's own last words, when it does not come up
 */
export async function startBridge(options) {
  const { state, identity, blockSeconds, ports, more = [], environment, defer } = options
  const { cli = CLI } = options
  const { webrtc, ws, http } = ports ?? { webrtc: 0, ws: 0, http: 0 }
  const args = ['--state', state, '--identity', identity, '--json']
  const listen = [`--webrtc-port=${webrtc}`, `--ws-port=${ws}`, `--http-port=${http}`]
  const blocks = blockSeconds === undefined ? [] : ['--blocks', String(blockSeconds)]
  const child = spawn(process.execPath, [cli, ...args, ...listen, ...blocks, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  })
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => child.once('close', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS)
    await ended
    clearTimeout(timer)
  }
  defer(stop)

  let output = ''
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    // Only the last lines are ever shown.
    errors = (errors + text).slice(-4096)
  })
  /** @type {Promise<string>} */
  const firstLine = new Promise((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text) => {
      if (output.includes('\n')) return
      output += text
      const [line, rest] = output.split('\n', 2)
      if (line !== undefined && rest !== undefined) resolve(line)
    })
  })
  const ready = await Promise.race([firstLine, ended])
  if (typeof ready !== 'string') {
    const words = errors.trim().split('\n').at(-1) || `it ended with status ${ready}`
    throw new CommandError(words.replace(/^cambium-bridge: /, ''))
  }
  const { url, multiaddrs } = JSON.parse(ready)
  return { url, multiaddrs, pid: child.pid ?? 0, stop, ended, errors: () => errors }
}

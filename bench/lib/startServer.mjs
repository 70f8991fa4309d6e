import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/**
 * @typedef {object} ServerOptions
 * @property {string} directory where its keys are kept
 * @property {number} accounts
 * @property {number} contracts part of the accounts that are contracts
 * @property {number} changed accounts that are different under the second root
 */

/**
 * @typedef {object} Server
 * @property {string[]} bridge WebRTC-direct addresses of the bridge
 * @property {string[]} bare those of the bare stream
 * @property {import('cambium').Hex[]} roots of the state, and of the one with changes
 * @property {number} differing nodes that only the second has
 * @property {string[]} addresses of some accounts
 * @property {[string, string][]} near pairs of accounts; most pairs lie in one page of the store
 * @property {number} slots
 * @property {number} builtMs how long the states took to build
 */

/**
 * Starts a bridge over a synthetic state in a process of its own.
 *
 * @param {ServerOptions} options
 * @returns {Promise<Server & { stop: () => void }>}
 */
export async function startServer(options) {
  const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)), [
    JSON.stringify(options),
  ])
  const ended = once(child, 'exit').then(([status]) => {
    throw new Error(`the bridge ended with ${status}`)
  })
  ended.catch(() => {})
  const [server] = await Promise.race([once(child, 'message'), ended])
  return { ...server, stop: () => void (child.connected && child.disconnect()) }
}

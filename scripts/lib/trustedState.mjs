import { existsSync } from 'node:fs'
import { CommandError } from './CommandError.mjs'

const NETWORKS = ['mainnet', 'sepolia', 'holesky', 'hoodi']

/**
 * Refuses what can name no state, before anything is built or started.
 *
 * @param {string} state
 * @throws {CommandError} when it is neither a known network nor a file
 */
export function checkState(state) {
  if (NETWORKS.includes(state) || existsSync(state)) return
  const known = NETWORKS.join(', ')
  throw new CommandError(`unknown network "${state}", and no such file; networks are ${known}`)
}

/**
 * The state that the sync is to end with, computed here from the same network or file: a bridge is
 * never asked what to trust.
 *
 * @param {string} state a network or a file
 * @returns {Promise<{name: string, chainId: number, genesisHash: string, stateRoot: string}>}
 * @throws {Error} when the file holds no state, or one that is not what it declares
 */
export async function trustedState(state) {
  const { fileSource, genesisSource } = await import('cambium-bridge')
  const { network } = await (NETWORKS.includes(state) ? genesisSource(state) : fileSource(state))
  return network
}

/**
 * The query of the example page for a state: a network that the page knows by its name, any other
 * by all that names it.
 *
 * @param {string} state
 * @param {Awaited<ReturnType<typeof trustedState>>} trusted
 * @param {import('./movingOptions.mjs').Moving} [moving] follows blocks from there on, instead of
 *   trusting this state alone
 */
export function pageQuery(state, trusted, moving) {
  const query = new URLSearchParams({ network: NETWORKS.includes(state) ? state : 'custom' })
  if (!NETWORKS.includes(state)) {
    if (!moving) query.set('root', trusted.stateRoot)
    query.set('chainId', String(trusted.chainId))
    query.set('genesis', trusted.genesisHash)
  }
  if (moving) {
    query.set('heads', '/heads')
    query.set('distance', String(moving.distance))
    query.set('maxAge', String(moving.maxAge))
    query.set('latency', String(moving.latency))
  }
  return query
}

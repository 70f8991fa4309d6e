import { HEAL } from './lib/mutations/heal.mjs'
import { STORAGE } from './lib/mutations/storage.mjs'
import { SYNC } from './lib/mutations/sync.mjs'

/**
 * Ways to break the engine, each with the scenario that notices: its groups and title, as vitest
 * joins them.
 *
 * @type {readonly import('./lib/tests/mutated.mjs').Mutation[]}
 */
export const MUTATIONS = [...SYNC, ...HEAL, ...STORAGE]

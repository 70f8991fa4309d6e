import { slimAccount } from '../../dist/account/slimAccount.js'
import { toHex } from '../../dist/base/bytes/hex.js'
import { packLeaves } from '../../dist/leaves/packLeaves.js'
import { AccountContents } from '../../dist/served/AccountContents.js'
import { loadAccounts } from '../../dist/served/loadAccounts.js'
import { encodeMessage } from '../../dist/snap/encodeMessage.js'
import { syntheticAccounts } from '../../dist/testing/index.js'

/**
 * Of a state of this size, 4,000 neighbouring accounts in the middle are proven with both edges.
 */
const STATE_ACCOUNTS = 8_000
export const RANGE_ACCOUNTS = 4_000

/**
 * @typedef {object} RangeFixture
 * @property {string} root state root; all values are hexadecimal, without prefix
 * @property {string} origin
 * @property {string[]} keys
 * @property {string[]} values as the trie holds them
 * @property {string[]} proof
 * @property {string} frame the answer of a peer that says all this
 */

/** @returns {RangeFixture} */
export function rangeFixture() {
  const shape = { seed: 1, accounts: STATE_ACCOUNTS }
  const { accounts } = loadAccounts(syntheticAccounts(shape), new AccountContents())
  const entries = [...accounts.leaves()].slice(2_000, 2_000 + RANGE_ACCOUNTS)
  const keys = entries.map(([key]) => key)
  const [origin, last] = [keys[0], keys.at(-1)]
  if (origin === undefined || last === undefined) throw new Error('the state is too small')
  const proof = [...accounts.prove(origin), ...accounts.prove(last)]
  const slim = packLeaves(entries.map(([key, value]) => [key, slimAccount(value)]))
  return {
    ...{ root: hex(accounts.root), origin: hex(origin), keys: keys.map(hex) },
    values: entries.map(([, value]) => hex(value)),
    proof: proof.map(hex),
    frame: hex(encodeMessage({ kind: 'AccountRange', id: 1n, accounts: slim, proof })),
  }
}

function hex(/** @type {Uint8Array} */ bytes) {
  return toHex(bytes).slice(2)
}

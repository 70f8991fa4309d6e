import { toHex } from '../../dist/bytes/hex.js'
import { AccountContents } from '../../dist/snap/AccountContents.js'
import { loadAccounts } from '../../dist/snap/loadAccounts.js'

/**
 * A state, and the same with some balances changed.
 *
 * @param {Iterable<import('../../dist/snap/AccountEntry.js').AccountEntry>} entries
 * @param {number} changed how many
 * @returns their roots, and how many nodes the second has that the first has not
 */
export function servedStates(entries, changed) {
  const contents = new AccountContents()
  const { accounts, size } = loadAccounts(entries, contents)
  const every = Math.floor(accounts.count / Math.max(1, changed))
  /** @type {[Uint8Array, Uint8Array][]} */
  const changes = Array.from({ length: changed }, (_, index) => {
    const [key, value] = accounts.at(index * every) ?? []
    if (key === undefined || value === undefined) throw new Error('the state is too small')
    const account = contents.decode(value)
    return [key, contents.encode({ ...account, balance: account.balance + 1n })]
  })
  const next = accounts.with(changes)
  const old = nodesAbove(accounts, changes)
  const differing = [...nodesAbove(next, changes)].filter((node) => !old.has(node)).length
  const tries = [accounts, next]
  const source = contents.serve((root) => tries.find((trie) => toHex(trie.root) === toHex(root)))
  const roots = tries.map(({ root }) => toHex(root))
  return { state: { ...size, source, stateRoot: toHex(accounts.root) }, roots, differing }
}

/**
 * @param {import('../../dist/trie/MemoryTrie.js').MemoryTrie} trie
 * @param {[Uint8Array, Uint8Array][]} changes
 * @returns {Set<string>}
 */
function nodesAbove(trie, changes) {
  return new Set(changes.flatMap(([key]) => trie.prove(key).map(toHex)))
}

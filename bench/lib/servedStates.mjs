import { keccak_256 } from '@noble/hashes/sha3.js'
import { syntheticState } from '../../dist/testing/index.js'
import { decodeNode } from '../../dist/trie/decodeNode.js'

/** @typedef {import('../../dist/served/StateSource.js').ServedTrie} ServedTrie */

/**
 * A state, and the same with some balances changed.
 *
 * @param {import('cambium/testing').StateShape} shape
 * @param {number} changed how many
 * @returns what serves both, their roots, and how many nodes the second has that the first has not
 */
export async function servedStates(shape, changed) {
  const state = await syntheticState(shape)
  const next = changed === 0 ? state : state.paid(changed)
  const { source, ...size } = state
  const both = {
    ...source,
    state: (/** @type {Uint8Array} */ root) => source.state(root) ?? next.source.state(root),
  }
  const roots = [state.stateRoot, next.stateRoot]
  const [before, after] = roots.map((root) => both.state(Buffer.from(root.slice(2), 'hex')))
  if (!before || !after) throw new Error('a state does not have its own root')
  const differing = changed === 0 ? 0 : differingNodes(before.accounts, after.accounts, [])
  const { addresses } = state
  return { state: { ...size, source: both }, roots, differing, addresses, near: near(addresses) }
}

/**
 * Of the key space, what lies between two accounts that are likely in one page: of a million, each
 * has a 2,600th.
 */
const NEAR = 2 ** 32 / 10_000

/**
 * Pairs of accounts whose hashes are so near that most of them lie in one page of the store.
 *
 * @param {readonly string[]} addresses
 * @returns {[string, string][]}
 */
function near(addresses) {
  const placed = addresses.map((address) => {
    const hash = keccak_256(Buffer.from(address.slice(2), 'hex'))
    return { address, place: new DataView(hash.buffer).getUint32(0) }
  })
  placed.sort((a, b) => a.place - b.place)
  return placed.flatMap(({ address, place }, index) => {
    const next = placed[index + 1]
    return next && next.place - place < NEAR ? [[address, next.address]] : []
  })
}

/**
 * @param {ServedTrie} before
 * @param {ServedTrie} after a trie of the same shape
 * @param {number[]} path
 * @returns {number} hashed nodes of the second below a path that the first has not
 */
function differingNodes(before, after, path) {
  const [old, node] = [before, after].map((trie) => trie.node(Uint8Array.from(path)))
  if (!(node instanceof Uint8Array) || !(old instanceof Uint8Array)) return 0
  if (Buffer.compare(old, node) === 0) return 0
  const decoded = decodeNode(node)
  if (decoded.kind === 'leaf') return 1
  if (decoded.kind === 'extension') {
    return 1 + differingNodes(before, after, [...path, ...decoded.path])
  }
  const below = decoded.children.map((child, nibble) => {
    return child ? differingNodes(before, after, [...path, nibble]) : 0
  })
  return below.reduce((sum, count) => sum + count, 1)
}

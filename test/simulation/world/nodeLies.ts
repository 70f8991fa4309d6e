import type { TrieNodes } from '../../../src/snap/SnapMessage.ts'
import { altered } from '../../support/peers/handlers.ts'
import type { Lie } from '../../support/peers/lies.ts'

type Nodes = TrieNodes['nodes']

const flipped = (node: Uint8Array) => node.map((byte, at) => (at === 0 ? byte ^ 1 : byte))

/**
 * What a peer might try when it is asked for trie nodes; each gets a list with at least one node in
 * it.
 */
export const NODE_LIES: readonly Lie[] = (
  [
    ['a node with one bit flipped', (nodes) => nodes.map(flipped)],
    ['nodes that are cut short', (nodes) => nodes.map((node) => node.subarray(0, -1))],
    ['nodes out of order', (nodes) => nodes.toReversed()],
    ['one node for all', (nodes) => nodes.map(() => nodes[0]!)],
    ['a node that nobody asked for', (nodes) => [...nodes.slice(0, -1), Uint8Array.of(0xc1, 0x80)]],
    ['a node twice', (nodes) => [nodes[0]!, ...nodes]],
    ['a strange node before the right ones', (nodes) => [Uint8Array.of(0xc1, 0x80), ...nodes]],
  ] satisfies [string, (nodes: Nodes) => Nodes][]
).map(([name, change]) => ({
  name,
  code: 'NODE_MISMATCH',
  words: '',
  liar: (honest) =>
    altered(honest, 'GetTrieNodes', (answer) => ({ ...answer, nodes: change(answer.nodes) })),
}))

import type { ServedTrie } from '../../src/served/StateSource.ts'
import type { PathSet } from '../../src/snap/SnapMessage.ts'
import { encodeCompactPath } from '../../src/trie/compactPath.ts'
import { bytesToNibbles } from '../../src/trie/nibbles.ts'
import { FIRST, NO_BYTES, UNKNOWN } from './edges.ts'
import type { Rule } from './Rule.ts'
import type { RuleAccount, RuleState } from './RuleState.ts'

/** What is asked, and the nodes that are right; a path set without paths ends the connection. */
interface Nodes {
  paths: readonly PathSet[]
  nodes: readonly Uint8Array[] | 'closed'
  /** @default 500,000, less than a bridge aims at */
  bytes?: number
  root?: Uint8Array
}

/** Nodes and openings of tries that one request may look up. */
const MOST_LOOKUPS = 1024
const ROOT = /* @__PURE__ */ encodeCompactPath(NO_BYTES, false)
/** A path on which nothing stands, longer than that of a node in any trie there is. */
const NOWHERE = /* @__PURE__ */ encodeCompactPath(/* @__PURE__ */ new Uint8Array(40).fill(3), false)

/**
 * §6.5: in the order of the paths, until their size exceeds the limit; an item without bytes where
 * there is no node.
 */
export const nodeRules: readonly Rule[] = [
  rule('no paths', () => ({ paths: [], nodes: [] })),
  rule('a path set without paths', () => ({ paths: [[], [ROOT]], nodes: 'closed' })),
  rule('a path set without paths, after others', () => ({ paths: [[ROOT], []], nodes: 'closed' })),

  rule('the root', ({ accounts }) => ({ paths: [[ROOT]], nodes: [rootOf(accounts)] })),
  rule('the root, and a storage of an account hash of one byte', ({ accounts }) => ({
    ...{ paths: [[ROOT], [Uint8Array.of(1), ROOT]], nodes: [rootOf(accounts)] },
  })),
  rule('the root, by no bytes at all', ({ accounts }) => ({
    ...{ paths: [[NO_BYTES]], nodes: [rootOf(accounts)] },
  })),
  rule('the root, whatever the padding nibble', ({ accounts }) => ({
    ...{ paths: [[Uint8Array.of(0x07)]], nodes: [rootOf(accounts)] },
  })),
  rule('the root, again and again', ({ accounts }) => ({
    ...{ paths: [[ROOT], [ROOT], [ROOT]], nodes: new Array(3).fill(rootOf(accounts)) },
  })),
  rule('a path that leads nowhere', () => ({ paths: [[NOWHERE]], nodes: [NO_BYTES] })),
  rule('a path as long as a key', () => ({
    ...{ paths: [[Uint8Array.of(0, ...FIRST)]], nodes: [NO_BYTES] },
  })),
  rule('a path longer than any key', () => ({
    ...{ paths: [[new Uint8Array(55).map((_, index) => index % 9)]], nodes: [NO_BYTES] },
  })),
  rule('a path that ends in a value', () => ({
    ...{ paths: [[Uint8Array.of(0x20)]], nodes: [NO_BYTES] },
  })),
  rule('a path with flags that do not exist', () => ({
    ...{ paths: [[Uint8Array.of(0xf0)]], nodes: [NO_BYTES] },
  })),
  rule('all nodes above an account, and nothing below its leaf', ({ accounts, sorted }) => {
    const key = sorted.at(-1)?.hash
    return key && alongPath(accounts, key, 64)
  }),
  rule('nodes above an account, not in order', ({ accounts, sorted }) => {
    const key = sorted.at(-1)?.hash
    if (key === undefined) return undefined
    const { paths, nodes } = alongPath(accounts, key, 12)
    return { paths: paths.toReversed(), nodes: nodes.toReversed() }
  }),

  rule('the root of a storage', ({ small }) => {
    return small && { paths: [[small.hash, ROOT]], nodes: [rootOf(small.storage)] }
  }),
  rule('all nodes above a slot', ({ large }) => {
    if (large === undefined) return undefined
    const { paths, nodes } = alongPath(large.storage, large.slots.at(-1)![0], 64)
    return { paths: [[large.hash, ...paths.flat()]], nodes }
  }),
  rule('storages of several accounts, between nodes of accounts', (state) => {
    const { accounts, small, large } = state
    if (!small || !large) return undefined
    const [root, smallRoot, largeRoot] = [accounts, small.storage, large.storage].map(rootOf)
    const paths = [[small.hash, ROOT], [ROOT], [large.hash, ROOT, NOWHERE, ROOT]]
    return { paths, nodes: [smallRoot!, root!, largeRoot!, NO_BYTES, largeRoot!] }
  }),
  rule('an account without storage: no nodes', ({ plain }) => {
    return plain && { paths: [[plain.hash, ROOT, NOWHERE]], nodes: [NO_BYTES, NO_BYTES] }
  }),
  rule('an unknown account: nothing of its set', ({ accounts }) => ({
    ...{ paths: [[UNKNOWN, ROOT, NOWHERE], [ROOT]], nodes: [rootOf(accounts)] },
  })),
  rule('an account hash with bytes before it', ({ small }) => {
    if (small === undefined) return undefined
    return { paths: [[Uint8Array.of(9, ...small.hash), ROOT]], nodes: [rootOf(small.storage)] }
  }),
  rule('an account hash that lacks a byte', ({ small }) => {
    return small && { paths: [[small.hash.subarray(1), ROOT]], nodes: [] }
  }),
  rule('a node that is part of its parent: it and the rest of its set left out', (state) => {
    if (state.embedding === undefined) return undefined
    const { account, path } = state.embedding
    const embedded = encodeCompactPath(path, false)
    const paths = [[account.hash, ROOT, embedded, ROOT], [ROOT]]
    return { paths, nodes: [rootOf(account.storage), rootOf(state.accounts)] }
  }),

  rule('no bytes: one node', ({ accounts }) => ({
    ...{ paths: [[ROOT], [ROOT]], nodes: [rootOf(accounts)], bytes: 0 },
  })),
  rule('no bytes: items without bytes do not count', ({ accounts }) => ({
    ...{ paths: [[NOWHERE], [ROOT], [ROOT]], nodes: [NO_BYTES, rootOf(accounts)], bytes: 0 },
  })),
  rule('exactly the bytes of two: one more, as only more than the limit stops', ({ accounts }) => {
    const root = rootOf(accounts)
    const nodes = new Array(3).fill(root)
    return { paths: new Array(4).fill([ROOT]), nodes, bytes: 2 * root.length }
  }),
  rule('a byte less than two take: two', ({ accounts }) => {
    const root = rootOf(accounts)
    const nodes = new Array(2).fill(root)
    return { paths: new Array(4).fill([ROOT]), nodes, bytes: 2 * root.length - 1 }
  }),
  rule('bytes exceeded within a set: nothing of those after it', ({ large }) => {
    if (large === undefined) return undefined
    const root = rootOf(large.storage)
    const set = [large.hash, ROOT, ROOT, ROOT, ROOT]
    return { paths: [set, [ROOT]], nodes: new Array(3).fill(root), bytes: 2 * root.length }
  }),

  rule('1,024 lookups, of which a storage takes two to open', ({ small }) => {
    if (small === undefined) return undefined
    return storageAgain(small, MOST_LOOKUPS + 100, MOST_LOOKUPS - 1)
  }),
  rule('1,024 unknown accounts are looked up', ({ accounts }) => {
    return { paths: [...unknown(MOST_LOOKUPS), [ROOT]], nodes: [rootOf(accounts)] }
  }),
  rule('after 1,025 unknown accounts nothing is looked up', () => {
    return { paths: [...unknown(MOST_LOOKUPS + 1), [ROOT]], nodes: [] }
  }),

  rule('an unknown root', () => ({ paths: [[ROOT]], nodes: [], root: UNKNOWN })),
  rule('a path set without paths under an unknown root: not looked at', () => ({
    ...{ paths: [[]], nodes: [], root: UNKNOWN },
  })),
  rule('a path set without paths behind the limit: not looked at', ({ accounts }) => ({
    ...{ paths: [[ROOT], []], nodes: [rootOf(accounts)], bytes: 0 },
  })),
]

function rule(name: string, nodes: (state: RuleState) => Nodes | undefined): Rule {
  return {
    section: '6.5',
    name: `nodes: ${name}`,
    apply(state) {
      const wanted = nodes(state)
      if (wanted === undefined) return undefined
      const { paths, bytes = 500_000, root = state.root, nodes: found } = wanted
      return {
        question: { kind: 'GetTrieNodes', root, paths, bytes },
        expected: found === 'closed' ? { kind: 'closed' } : { kind: 'TrieNodes', nodes: found },
      }
    },
  }
}

function rootOf(trie: ServedTrie): Uint8Array {
  return trie.node(NO_BYTES) as Uint8Array
}

/** A path set for each of the nibbles of a key, from the root on, with what stands there. */
function alongPath(trie: ServedTrie, key: Uint8Array, depths: number) {
  const nibbles = bytesToNibbles(key)
  const paths: PathSet[] = []
  const nodes: Uint8Array[] = []
  for (let depth = 0; depth < depths; depth++) {
    const node = trie.node(nibbles.subarray(0, depth))
    if (node === 'embedded') break
    paths.push([encodeCompactPath(nibbles.subarray(0, depth), false)])
    nodes.push(node ?? NO_BYTES)
  }
  return { paths, nodes }
}

function unknown(count: number): PathSet[] {
  return new Array(count).fill([UNKNOWN, ROOT])
}

/** The storage's root, `times` times. */
function storageAgain({ hash, storage }: RuleAccount, times: number, found: number): Nodes {
  const root = rootOf(storage)
  const fit = Math.floor(500_000 / root.length) + 1
  const paths = [[hash, ...new Array(times).fill(ROOT)]]
  return { paths, nodes: new Array(Math.min(found, fit)).fill(root) }
}

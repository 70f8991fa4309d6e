import { concatBytes } from '@noble/hashes/utils.js'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { bytesToNibbles, commonPrefixLength, type NibblePath } from '../nibbles.ts'
import { hashReference } from '../nodeReference.ts'
import type { NodeReference } from '../TrieNode.ts'
import {
  encodeMemoryNode,
  type MemoryBranch,
  type MemoryExtension,
  type MemoryLeaf,
  type MemoryNode,
  type TrieEntry,
} from './MemoryNode.ts'

/** A key with its new value; `undefined` where the leaf goes away. */
export type TrieChange = readonly [key: Uint8Array, value: Uint8Array | undefined]

type Children = (MemoryNode | undefined)[]

const NO_PATH = /* @__PURE__ */ new Uint8Array()

/**
 * Makes the nodes of tries in memory. What does not change is taken over from the old trie, and
 * each new node is hashed once however many of the changes lie below it.
 */
export class NodeEditor {
  readonly #keccak256: (input: Uint8Array) => Uint8Array

  constructor(keccak256: (input: Uint8Array) => Uint8Array) {
    this.#keccak256 = keccak256
  }

  /**
   * What stands in a node's place after `changes`: the same node where they change nothing.
   *
   * @param node `undefined` where there is nothing yet
   * @param changes ascending, each key once, all keys of one size and below the node's place
   * @param depth how many nibbles of the keys lie above that place
   */
  changed(
    node: MemoryNode | undefined,
    changes: readonly TrieChange[],
    depth = 0,
  ): MemoryNode | undefined {
    if (changes.length === 0) return node
    if (node === undefined || node.kind === 'leaf') return this.#changedLeaf(node, changes, depth)
    const branch = node.kind === 'branch' ? node : node.child
    const path = node.kind === 'branch' ? NO_PATH : node.path
    const [first, last] = [pathOf(changes[0]!), pathOf(changes.at(-1)!)]
    const common = Math.min(
      commonPrefixLength(path, first.subarray(depth)),
      commonPrefixLength(path, last.subarray(depth)),
    )
    let children: Children
    if (common === path.length) {
      children = branch.children.slice()
    } else {
      // Some keys leave the extension on its way, so a branch stands there. It vanishes if nothing
      // is added.
      children = noChildren()
      children[path[common]!] = this.#extended(path.subarray(common + 1), branch)
    }
    let same = true
    const fork = depth + common
    for (const [nibble, group] of byNibble(changes, fork)) {
      const child = this.changed(children[nibble], group, fork + 1)
      if (child === children[nibble]) continue
      children[nibble] = child
      same = false
    }
    return same ? node : this.#joined(path.subarray(0, common), children)
  }

  #changedLeaf(
    leaf: MemoryLeaf | undefined,
    changes: readonly TrieChange[],
    depth: number,
  ): MemoryNode | undefined {
    const entries: TrieEntry[] = []
    let kept = leaf?.entry
    for (const [key, value] of changes) {
      const order = kept === undefined ? 1 : compareBytes(kept[0], key)
      if (kept !== undefined && order <= 0) {
        const overwritten = order === 0 && (!value || compareBytes(kept[1], value) !== 0)
        if (!overwritten) entries.push(kept)
        kept = undefined
        if (order === 0 && !overwritten) continue
      }
      if (value !== undefined) entries.push([key, value])
    }
    if (kept !== undefined) entries.push(kept)
    return entries.length === 1 && entries[0] === leaf?.entry ? leaf : this.#built(entries, depth)
  }

  /** The node of leaves where nothing was before. */
  #built(entries: readonly TrieEntry[], depth: number): MemoryNode | undefined {
    if (entries.length < 2) return entries[0] && this.#leaf(entries[0], depth)
    const [first, last] = [pathOf(entries[0]!), pathOf(entries.at(-1)!)]
    const fork = commonPrefixLength(first, last)
    const children = noChildren()
    for (const [nibble, group] of byNibble(entries, fork)) {
      children[nibble] = this.#built(group, fork + 1)
    }
    return this.#joined(first.subarray(depth, fork), children)
  }

  /** What stands above a fork with these children: a single one needs no branch. */
  #joined(path: NibblePath, children: Children): MemoryNode | undefined {
    const nibble = children.findIndex((child) => child !== undefined)
    const child = children[nibble]
    if (child === undefined) return undefined
    if (children.findLastIndex((other) => other !== undefined) === nibble) {
      return this.#extended(Uint8Array.of(...path, nibble), child)
    }
    return this.#extended(path, this.#branch(children))
  }

  /** A node that begins its path earlier. */
  #extended(path: NibblePath, node: MemoryNode): MemoryNode {
    if (path.length === 0) return node
    switch (node.kind) {
      case 'leaf':
        return this.#leaf(node.entry, node.depth - path.length)
      case 'extension':
        return this.#extension(concatBytes(path, node.path), node.child)
      case 'branch':
        return this.#extension(path.slice(), node)
    }
  }

  #leaf(entry: TrieEntry, depth: number): MemoryLeaf {
    const reference = this.#reference(encodeMemoryNode({ kind: 'leaf', entry, depth }))
    return { kind: 'leaf', entry, depth, count: 1, reference }
  }

  #extension(path: NibblePath, child: MemoryBranch): MemoryExtension {
    const reference = this.#reference(encodeMemoryNode({ kind: 'extension', path, child }))
    return { kind: 'extension', path, child, count: child.count, reference }
  }

  #branch(children: Children): MemoryBranch {
    const count = children.reduce((sum, child) => sum + (child?.count ?? 0), 0)
    const reference = this.#reference(encodeMemoryNode({ kind: 'branch', children }))
    return { kind: 'branch', children, count, reference }
  }

  #reference(encoded: Uint8Array): NodeReference {
    return encoded.length < 32 ? encoded : hashReference(this.#keccak256(encoded))
  }
}

function noChildren(): Children {
  return new Array(16).fill(undefined)
}

function pathOf([key]: TrieChange): NibblePath {
  return bytesToNibbles(key)
}

/** Ascending changes in groups by the nibble of their keys at `depth`. */
function* byNibble<Change extends TrieChange>(
  changes: readonly Change[],
  depth: number,
): Generator<[nibble: number, group: Change[]]> {
  const nibbleOf = ([key]: TrieChange) => (key[depth >> 1]! >> (depth & 1 ? 0 : 4)) & 15
  for (let start = 0; start < changes.length; ) {
    const nibble = nibbleOf(changes[start]!)
    let end = start + 1
    while (end < changes.length && nibbleOf(changes[end]!) === nibble) end++
    yield [nibble, changes.slice(start, end)]
    start = end
  }
}

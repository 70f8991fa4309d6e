import { bytesToHex } from '@noble/hashes/utils.js'
import { compareBytes } from '../base/bytes/compareBytes.ts'
import { toHex } from '../base/bytes/hex.ts'
import { LeafOrderError } from '../leaves/errors.ts'
import type { Leaves } from '../leaves/Leaves.ts'
import { leafKey, leafValue } from '../leaves/Leaves.ts'
import { MissingNodeError, TrieNodeError } from '../trie/errors.ts'
import { bytesToNibbles, type NibblePath } from '../trie/nibbles.ts'
import { StackTrie } from '../trie/StackTrie.ts'
import { type NodeSource, type PathStep, walkPath } from '../trie/walkPath.ts'
import { checkRangeClaim } from './checkRangeClaim.ts'
import { RangeProofError } from './errors.ts'
import { type Stub, stubsAfter, stubsBefore } from './Stub.ts'
import type { RangeClaim, Verifier } from './Verifier.ts'

/** The part of a `Verifier` that hashes. */
export type Hashes = Pick<Verifier, 'keccak256' | 'keccak256Batch'>

/**
 * Proves a range in JavaScript; see `Verifier.verifyRange`.
 *
 * The proof's nodes on the paths to the origin and to the last key name the subtries to the left
 * and to the right of the range. They, with the leaves between them, are all items of the trie: if
 * the root of these items is the wanted one, then nothing is missing, added or changed, as each of
 * them is committed to at its place.
 *
 * @throws {RangeProofError} when the claim does not hold
 */
export function verifyRange(claim: RangeClaim, hashes: Hashes): boolean {
  const { root, origin, leaves, proof } = claim
  checkRangeClaim(claim)
  checkLeaves(leaves)
  if (proof === undefined) {
    rebuild(root, [], leaves, [], hashes)
    return false
  }
  const nodes = nodeSource(proof, hashes)
  const first = bytesToNibbles(origin)
  if (leaves.count === 0) {
    refuseMore(walkEdge(nodes, root, first), first)
    return false
  }
  if (compareBytes(leafKey(leaves, 0), origin) < 0) {
    throw new RangeProofError(
      'unexpected key-value pairs preceding the requested range',
      `${toHex(leafKey(leaves, 0))} is before ${toHex(origin)}`,
    )
  }
  const last = bytesToNibbles(leafKey(leaves, leaves.count - 1))
  const before = stubsBefore(walkEdge(nodes, root, first), first)
  const after = stubsAfter(walkEdge(nodes, root, last), last)
  rebuild(root, before, leaves, after, hashes)
  return after.length > 0
}

function checkLeaves(leaves: Leaves): void {
  for (let index = 0; index < leaves.count; index++) {
    const key = leafKey(leaves, index)
    const isLast = index === leaves.count - 1
    if (!isLast && compareBytes(key, leafKey(leaves, index + 1)) >= 0) {
      throw new RangeProofError('range is not monotonically increasing', `after ${toHex(key)}`)
    }
    if (leaves.offsets[index] === leaves.offsets[index + 1]) {
      throw new RangeProofError('range contains deletion', `at ${toHex(key)}`)
    }
  }
}

/** Nodes are found by what they hash to: strangers and duplicates among them do no harm. */
function nodeSource(proof: readonly Uint8Array[], hashes: Hashes): NodeSource {
  const digests = hashes.keccak256Batch(proof)
  const nodes = new Map(
    proof.map((node, index) => [bytesToHex(digests.subarray(index * 32, index * 32 + 32)), node]),
  )
  return (hash) => nodes.get(bytesToHex(hash))
}

function walkEdge(nodes: NodeSource, root: Uint8Array, key: NibblePath): PathStep[] {
  try {
    return walkPath(nodes, root, key)
  } catch (error) {
    if (error instanceof MissingNodeError) {
      throw new RangeProofError('proof node missing', error.message)
    }
    if (error instanceof TrieNodeError) throw new RangeProofError('bad proof node', error.message)
    throw error
  }
}

/** A range without leaves says that there is none from its origin on. */
function refuseMore(steps: readonly PathStep[], origin: NibblePath): void {
  const end = steps.at(-1)
  const isThere =
    end?.node.kind === 'leaf' && compareBytes(end.node.path, origin.subarray(end.depth)) === 0
  if (isThere || stubsAfter(steps, origin).length > 0) {
    throw new RangeProofError('more entries available')
  }
}

function rebuild(
  root: Uint8Array,
  before: readonly Stub[],
  leaves: Leaves,
  after: readonly Stub[],
  { keccak256 }: Hashes,
): void {
  let rebuilt: Uint8Array
  try {
    const trie = new StackTrie(keccak256)
    for (const { path, reference } of before) trie.addStub(path, reference)
    for (let index = 0; index < leaves.count; index++) {
      trie.addLeaf(bytesToNibbles(leafKey(leaves, index)), leafValue(leaves, index))
    }
    for (const { path, reference } of after) trie.addStub(path, reference)
    rebuilt = trie.root()
  } catch (error) {
    // Leaves and subtries that cannot stand in one trie.
    if (error instanceof LeafOrderError) throw new RangeProofError('invalid proof', error.message)
    throw error
  }
  if (compareBytes(rebuilt, root) !== 0) {
    throw new RangeProofError('invalid proof', `want hash ${toHex(root)}, got ${toHex(rebuilt)}`)
  }
}

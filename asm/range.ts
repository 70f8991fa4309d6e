import { alloc } from './arena'
import { flush, hash } from './hasher'
import { count, keyAt, keySize, takeLeaves } from './leaves'
import { decodeNode, isEmpty, itemAt, itemSize, Kind, path, pathSize, pathStart } from './node'
import { commonNibbles, nibbleAt } from './path'
import { Status } from './status'
import { HASH_REF, STUB, writeStub } from './stub'
import { buildRoot, setStubs } from './trie'

// A range proof gives the nodes on the paths to the first and to the last key of the range. What
// hangs off these paths outside of the range is known by reference only (stubs), what lies inside
// must be exactly the leaves. So the trie of left stubs, leaves and right stubs is built anew, and
// its root equals the trusted one only if nothing was added, changed or left out: no stub reaches
// into the range, nothing could hide in one.

/** The proof: table of { node, size } as in `keccak256`, its digests, and its length. */
let nodes: usize = 0
let digests: usize = 0
let nodeCount: usize = 0

/** The reference to the root node: 0xa0 and its hash. */
const ROOT_REF = memory.data(40, 16) + 7
/** The node found by `resolve`. */
let node: usize = 0
let nodeSize: usize = 0

/**
 * Stubs found by `walk`: on the left of its path counting up from `stubs`, on the right counting
 * down.
 */
let stubs: usize = 0
let stubCount: u32 = 0
/** Whether the path that was walked ends in a leaf of exactly its key. */
let isLeafThere: bool = false

/**
 * Finds the node under a reference: inside of its parent, or by its hash among the nodes of the
 * proof. An index would not pay: a path has eight nodes or so on mainnet, a proof two paths.
 */
function resolve(reference: usize, size: usize): bool {
  if (size != HASH_REF) {
    node = reference
    nodeSize = size
    return true
  }
  for (let index: usize = 0; index < nodeCount; index++) {
    if (isHash(digests + (index << 5), reference + 1)) {
      node = load<usize>(nodes + (index << 3))
      nodeSize = load<usize>(nodes + (index << 3), 4)
      return true
    }
  }
  return false
}

export function isHash(a: usize, b: usize): bool {
  return (
    ((load<u64>(a) ^ load<u64>(b)) |
      (load<u64>(a, 8) ^ load<u64>(b, 8)) |
      (load<u64>(a, 16) ^ load<u64>(b, 16)) |
      (load<u64>(a, 24) ^ load<u64>(b, 24))) ==
    0
  )
}

/** Stubs beside a path: at each of its nibbles at most 15. */
// @ts-ignore: decorator
@inline
function maxStubs(): u32 {
  return 15 * 2 * keySize
}

function addStub(edge: usize, isRight: bool, depth: u32, nibble: u32, reference: usize, size: usize): void {
  if (isRight) stubs -= STUB
  writeStub(isRight ? stubs : stubs + stubCount * STUB, edge, keySize, depth, nibble, reference, size)
  stubCount++
}

/**
 * Walks from the root along the key `edge` and collects what hangs off on one side, ascending.
 * Leaves `stubs` at the first one.
 * @returns Done, NodeMissing or BadNode
 */
function walk(edge: usize, isRight: bool): Status {
  stubs = alloc(maxStubs() * STUB)
  if (isRight) stubs += maxStubs() * STUB
  stubCount = 0
  isLeafThere = false
  let reference: usize = ROOT_REF
  let size: usize = HASH_REF
  let depth: u32 = 0
  const nibbles = keySize << 1
  // Each turn goes down by one nibble at least, so there are no more turns than nibbles.
  while (true) {
    if (!resolve(reference, size)) return Status.NodeMissing
    const kind = decodeNode(node, nodeSize)
    if (kind == Kind.Bad) return Status.BadNode
    if (kind == Kind.Branch) {
      if (depth == nibbles) return Status.BadNode
      const onPath = nibbleAt(edge, depth)
      depth++
      if (isRight) {
        for (let nibble: u32 = 15; nibble > onPath; nibble--) addChild(edge, true, depth, nibble)
      } else {
        for (let nibble: u32 = 0; nibble < onPath; nibble++) addChild(edge, false, depth, nibble)
      }
      if (isEmpty(onPath)) return Status.Done
      reference = itemAt(onPath)
      size = itemSize(onPath)
      continue
    }
    const below = depth + pathSize
    // A leaf ends where its key ends, an extension before.
    if (kind == Kind.Leaf ? below != nibbles : below >= nibbles) return Status.BadNode
    for (let at: u32 = 0; at < pathSize; at++) {
      const here = nibbleAt(path, pathStart + at)
      const there = nibbleAt(edge, depth + at)
      if (here == there) continue
      // The node lies beside the path as a whole; on the other side of it, it is inside of the
      // range.
      if (here > there == isRight) {
        addStub(edge, isRight, depth, depth == 0 ? 0 : nibbleAt(edge, depth - 1), reference, size)
      }
      return Status.Done
    }
    if (kind == Kind.Leaf) {
      isLeafThere = true
      return Status.Done
    }
    depth = below
    reference = itemAt(1)
    size = itemSize(1)
  }
}

function addChild(edge: usize, isRight: bool, depth: u32, nibble: u32): void {
  if (!isEmpty(nibble)) addStub(edge, isRight, depth, nibble, itemAt(nibble), itemSize(nibble))
}

/**
 * Proves that the leaves are all leaves of the trie under `root` from `origin` to the last of them.
 *
 *    root      32 bytes
 *    origin    keySize bytes (1 to 64)
 *    keys      n × keySize bytes
 *    values    one after the other
 *    offsets (n + 1) × u32: value i is values[offsets[i] … offsets[i + 1]], the last one inside of
 *    the values
 *    proof table of proofSize × { node: u32, size: u32 }, nodes with the room that `keccak256` asks
 *    for;
 *              0 where the leaves are said to be the whole trie
 *
 * @returns Done, More or a fault, see `Status`
 */
export function verifyRange(
  root: usize,
  origin: usize,
  size: u32,
  n: u32,
  keys: usize,
  values: usize,
  offsets: usize,
  proof: usize,
  proofSize: usize,
): Status {
  let status = takeLeaves(size, n, keys, values, offsets)
  if (status != Status.Done) return status
  if (proof == 0) {
    setStubs(0, 0, 0, 0)
    return matches(root, Status.Done)
  }
  if (n == 0) {
    takeProof(root, proof, proofSize)
    status = walk(origin, true)
    return status == Status.Done && (stubCount != 0 || isLeafThere) ? Status.MoreEntries : status
  }
  status = takeEdges(root, origin, proof, proofSize)
  return status < 0 ? status : matches(root, status)
}

/**
 * Finds by a proof what lies on both sides of the leaves that were taken, at least one, and takes
 * it as stubs.
 * @returns More where something lies on the right, Done where nothing does, or a fault
 */
export function takeEdges(root: usize, origin: usize, proof: usize, proofSize: usize): Status {
  if (isBefore(keyAt(0), origin)) return Status.BeforeOrigin
  takeProof(root, proof, proofSize)
  let status = walk(origin, false)
  if (status != Status.Done) return status
  const left = stubs
  const leftCount = stubCount
  status = walk(keyAt(count - 1), true)
  if (status != Status.Done) return status
  setStubs(left, leftCount, stubs, stubCount)
  return stubCount == 0 ? Status.Done : Status.More
}

function isBefore(key: usize, origin: usize): bool {
  const nibbles = keySize << 1
  const at = commonNibbles(key, origin, nibbles)
  return at < nibbles && nibbleAt(key, at) < nibbleAt(origin, at)
}

function takeProof(root: usize, proof: usize, proofSize: usize): void {
  nodes = proof
  nodeCount = proofSize
  digests = alloc(proofSize << 5)
  for (let index: usize = 0; index < proofSize; index++) {
    const entry = proof + (index << 3)
    hash(load<usize>(entry), load<usize>(entry, 4), digests + (index << 5))
  }
  flush()
  store<u8>(ROOT_REF, 0xa0)
  memory.copy(ROOT_REF + 1, root, 32)
}

function matches(root: usize, status: Status): Status {
  const built = buildRoot()
  return built != 0 && isHash(built, root) ? status : Status.WrongRoot
}

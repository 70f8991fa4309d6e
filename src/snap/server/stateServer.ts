import { emptyCodeHash } from '../../account/emptyHashes.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { encodeRlp } from '../../rlp/encodeRlp.ts'
import { headerSize, writeHeader } from '../../rlp/rlpHeader.ts'
import type { ServedTrie, StateSource } from '../../served/StateSource.ts'
import { emptyFields } from '../emptyResponse.ts'
import { SnapRequestError } from '../errors.ts'
import type { RawResponse } from '../RawResponse.ts'
import type {
  ByteCodes,
  GetAccountRange,
  GetByteCodes,
  GetStorageRanges,
  GetTrieNodes,
  PathSet,
  SnapRequest,
  SnapResponse,
  TrieNodes,
} from '../SnapMessage.ts'
import { LeafList } from './LeafList.ts'

/** No answer aims at more, even if the request allows it. */
const SOFT_LIMIT = 2 * 1024 * 1024

/** Codes, or trie nodes with the openings of their tries, that one request may look up. */
const MAX_LOOKUPS = 1024

/**
 * A storage range may go this far over the bytes asked for, so that a contract's last slots need no
 * second request.
 */
const STORAGE_SLACK = 1.1

const HASH_SIZE = 32

/**
 * Answers snap/1 requests from a state source, by the rules of go-ethereum's server, which clients
 * rely on where the specification leaves room. A root that the source does not have gives an empty
 * answer.
 *
 * Ranges are answered in the form in which they are sent, which is written straight from the packed
 * leaves: 500 KiB with both proofs in some 3 ms. Use `stateHandler` to get decoded answers.
 *
 * @example
 * serveSnap(pipe, stateServer(memoryState(entries).source))
 * @see https://github.com/ethereum/devp2p/blob/master/caps/snap.md
 */
export function stateServer(
  source: StateSource,
): (request: SnapRequest) => SnapResponse | RawResponse {
  return (request) => {
    const { id } = request
    const bytes = Math.min(request.bytes, SOFT_LIMIT)
    switch (request.kind) {
      case 'GetAccountRange':
        return { kind: 'AccountRange', id, fields: accountRange(source, { ...request, bytes }) }
      case 'GetStorageRanges':
        return { kind: 'StorageRanges', id, fields: storageRanges(source, { ...request, bytes }) }
      case 'GetByteCodes':
        return { kind: 'ByteCodes', id, ...byteCodes(source, { ...request, bytes }) }
      case 'GetTrieNodes':
        return { kind: 'TrieNodes', id, ...trieNodes(source, { ...request, bytes }) }
    }
  }
}

/**
 * Accounts from the origin to the first at or after the limit, at least one; always proven, even
 * the whole state.
 */
function accountRange(
  source: StateSource,
  { root, origin, limit, bytes }: GetAccountRange,
): Uint8Array {
  const trie = source.state(root)?.accounts
  if (trie === undefined) return emptyFields('AccountRange')
  // One more than fits.
  const list = new LeafList('account', trie.runs(origin), { size: 0, most: bytes + 1, limit })
  return rangeFields(list, proveRange(trie, origin, list.last))
}

/**
 * The slots of as many accounts as fit. `origin` and `limit` hold for the first account only. A
 * list that does not begin at zero, or that was cut for its size, is proven and the last one; one
 * that `limit` cut is not proven. An account without slots has no list.
 */
function storageRanges(
  source: StateSource,
  { root, accounts, origin, limit, bytes }: GetStorageRanges,
): Uint8Array {
  const state = source.state(root)
  if (state === undefined) return emptyFields('StorageRanges')
  const lists: LeafList[] = []
  // Holds for the later accounts too: none is reached unless it is zero.
  const from = origin.length > 0 ? origin : new Uint8Array(HASH_SIZE)
  const fromStart = from.every((byte) => byte === 0)
  const most = Math.floor(bytes * STORAGE_SLACK)
  let size = 0
  for (const [index, account] of accounts.entries()) {
    if (size >= bytes) break
    const trie = state.storage(account)
    const list = new LeafList('slot', trie?.runs(from) ?? [], {
      size,
      most,
      limit: index === 0 && limit.length > 0 ? limit : undefined,
    })
    size = list.size
    if (!list.isEmpty) lists.push(list)
    if (list.cut || !fromStart) {
      // Nobody can prove anything about the storage of an account that is not there.
      if (trie === undefined) return emptyFields('StorageRanges')
      return rangeFields(lists, proveRange(trie, from, list.last))
    }
  }
  return rangeFields(lists, [])
}

/**
 * The codes in the order of their hashes, until their size exceeds the limit; unknown ones are left
 * out.
 */
function byteCodes(source: StateSource, { hashes, bytes }: GetByteCodes): Pick<ByteCodes, 'codes'> {
  const codes: Uint8Array[] = []
  const empty = emptyCodeHash()
  let size = 0
  for (const hash of hashes.slice(0, MAX_LOOKUPS)) {
    const code = compareBytes(hash, empty) === 0 ? new Uint8Array() : source.code(hash)
    if (code === undefined) continue
    codes.push(code)
    size += code.length
    if (size > bytes) break
  }
  return { codes }
}

/**
 * Nodes in the order of their paths, until their size exceeds the limit; an empty item for each
 * that the trie does not have.
 */
function trieNodes(
  source: StateSource,
  { root, paths, bytes }: GetTrieNodes,
): Pick<TrieNodes, 'nodes'> {
  const state = source.state(root)
  const nodes: Uint8Array[] = []
  if (state === undefined) return { nodes }
  let size = 0
  let lookups = 0
  for (const [index, set] of paths.entries()) {
    if (lookups > MAX_LOOKUPS) break
    if (set.length === 0) {
      throw new SnapRequestError(`path set ${index} of ${paths.length} is empty`)
    }
    let trie: ServedTrie | undefined = state.accounts
    let compactPaths: PathSet = set
    if (set.length > 1) {
      trie = state.storage(toHash(set[0]!))
      compactPaths = set.slice(1)
      // The account, and where there is one, the root of its storage.
      lookups += trie === undefined ? 1 : 2
    }
    if (trie === undefined) continue
    for (const compactPath of compactPaths) {
      const node = nodeAt(trie, compactPath)
      lookups++
      // It cannot be sent, having no hash; the rest of its set goes with it.
      if (node === 'embedded') break
      nodes.push(node)
      size += node.length
      if (size > bytes || lookups > MAX_LOOKUPS) return { nodes }
    }
  }
  return { nodes }
}

/** Padded or cut on the left to 32 bytes, as go-ethereum reads hashes. */
function toHash(bytes: Uint8Array): Uint8Array {
  const hash = new Uint8Array(HASH_SIZE)
  const tail = bytes.subarray(-HASH_SIZE)
  hash.set(tail, HASH_SIZE - tail.length)
  return hash
}

function nodeAt(trie: ServedTrie, compactPath: Uint8Array): Uint8Array | 'embedded' {
  const path = pathOf(compactPath)
  return (path && trie.node(path)) ?? new Uint8Array()
}

/**
 * Nibbles of a compact-encoded path; `undefined` where it ends in a value, at which no node stands.
 * More lenient than the node codec, as go-ethereum's server is: no bytes mean the root, and the
 * padding nibble may be anything.
 */
function pathOf(compactPath: Uint8Array): Uint8Array | undefined {
  const flags = (compactPath[0] ?? 0) >> 4
  if (flags > 1) return undefined
  const nibbles = new Uint8Array(compactPath.length * 2)
  compactPath.forEach((byte, index) => {
    nibbles[index * 2] = byte >> 4
    nibbles[index * 2 + 1] = byte & 15
  })
  return nibbles.subarray(flags === 1 ? 1 : 2)
}

/** The fields of an answer: a list of leaves, or of such lists, and the proof. */
function rangeFields(
  leaves: LeafList | readonly LeafList[],
  proof: readonly Uint8Array[],
): Uint8Array {
  const proofItem = encodeRlp(proof)
  const lists = leaves instanceof LeafList ? [leaves] : leaves
  const size = lists.reduce((sum, { encodedSize }) => sum + encodedSize, 0)
  const header = leaves instanceof LeafList ? 0 : headerSize(size)
  const fields = new Uint8Array(header + size + proofItem.length)
  let at = header === 0 ? 0 : writeHeader(0xc0, size, fields, 0)
  for (const list of lists) at = list.write(fields, at)
  fields.set(proofItem, at)
  return fields
}

/** The nodes on the paths to both ends of a range; those that the paths share, once. */
function proveRange(
  trie: ServedTrie,
  origin: Uint8Array,
  last: Uint8Array | undefined,
): Uint8Array[] {
  const left = trie.prove(origin)
  if (last === undefined) return left
  const right = trie.prove(last)
  const fork = right.findIndex((node, depth) => {
    const other = left[depth]
    return other === undefined || compareBytes(node, other) !== 0
  })
  return fork < 0 ? left : [...left, ...right.slice(fork)]
}

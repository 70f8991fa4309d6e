import { bytesToHex } from '@noble/hashes/utils.js'
import { EMPTY_CODE_HASH, EMPTY_ROOT } from '../../../account/emptyHashes.ts'
import { compareBytes } from '../../../base/bytes/compareBytes.ts'
import { TrieNodeError } from '../../../trie/errors.ts'
import type { NibblePath } from '../../../trie/nibbles.ts'
import { AlreadyProcessedError, HashMismatchError, NotRequestedError } from './errors.ts'
import type { MissingNodes } from './MissingNodes.ts'
import { leafKeys } from './operations/leafKeys.ts'
import { OperationBatch } from './operations/OperationBatch.ts'
import type { SyncOperation } from './operations/SyncOperation.ts'
import { type FrontierNode, frontier } from './paths/frontier.ts'
import { ACCOUNT_NIBBLES } from './paths/syncPath.ts'
import { RequestQueue } from './RequestQueue.ts'
import type { OnLeaf } from './SyncedLeaf.ts'
import type { CodeRequest, NodeRequest, SyncTrie } from './SyncRequest.ts'
import type { TrieSyncOptions } from './TrieSyncOptions.ts'
import type { TrieSyncStore } from './TrieSyncStore.ts'

const FETCHES_PER_DEPTH = 16_384

/**
 * The heal scheduler: finds out which nodes of the trie under a root a store does not have, and
 * turns them, when they come, into steps that make the store's trie this one. It knows neither
 * peers nor databases.
 *
 * It goes from the root down, deepest and leftmost first. A subtrie whose hash the store has at the
 * same place is done. A node is committed once everything below it is, storage and code of its
 * accounts included: what a store has is complete at any time, and a new scheduler continues an
 * interrupted sync from what was committed, even for another root.
 *
 * go-ethereum's `trie.Sync`, with four differences. Hashes of nodes and codes are checked here. A
 * node that cannot be taken in stays requested. Everything that the new trie does not have is
 * cleared, not only what would mislead later syncs. And requests of one depth are in the order of
 * their whole path, not of its first 14 nibbles, which lie in the account hash for all of a
 * contract's nodes.
 *
 * All methods but `processNode`, `addSubTrie` and `addCodeEntry` are synchronous; any number of
 * nodes may be in process at once. Batches are to be written in the order in which `commit` gave
 * them out.
 *
 * @example
 * const sync = await TrieSync.start(root, store, { keccak256 })
 * while (sync.pending > 0) {
 *   const { nodes, codes } = sync.missing(100)
 *   for (const { path } of nodes) await sync.processNode(path, await askNode(path))
 *   for (const hash of codes) sync.processCode(hash, await askCode(hash))
 *   await write(sync.commit())
 * }
 * @see https://github.com/ethereum/go-ethereum/blob/master/trie/sync.go
 */
export class TrieSync {
  readonly #store: TrieSyncStore
  readonly #keccak256: (input: Uint8Array) => Uint8Array
  readonly #keyNibbles: number
  readonly #nodes = new Map<string, NodeRequest>()
  readonly #codes = new Map<string, CodeRequest>()
  /** How many nodes have come and wait for what is below them. */
  #waiting = 0
  /** Hashes of codes that are stored, or in a batch. */
  readonly #knownCodes = new Set<string>()
  readonly #queue: RequestQueue
  readonly #batch = new OperationBatch()

  private constructor(store: TrieSyncStore, options: TrieSyncOptions) {
    this.#store = store
    this.#keccak256 = options.keccak256
    this.#keyNibbles = options.keyNibbles ?? ACCOUNT_NIBBLES
    this.#queue = new RequestQueue(options.fetchesPerDepth ?? FETCHES_PER_DEPTH)
  }

  /**
   * Begins to sync a trie. Where the store has it, nothing is pending; of the empty trie, a clear
   * of everything is committed at once.
   * @param root 32 bytes
   */
  static async start(
    root: Uint8Array,
    store: TrieSyncStore,
    options: TrieSyncOptions,
  ): Promise<TrieSync> {
    const sync = new TrieSync(store, options)
    await sync.addSubTrie(root, new Uint8Array(), undefined, options.onLeaf)
    return sync
  }

  /** How many nodes and codes are wanted and not committed, whether requested or not. */
  get pending(): number {
    return this.#nodes.size + this.#codes.size
  }

  /** How many nodes and codes have not come yet. */
  get wanted(): { nodes: number; codes: number } {
    return { nodes: this.#nodes.size - this.#waiting, codes: this.#codes.size }
  }

  /**
   * Bytes of the operations that the next `commit` gives out, roughly: contents, paths and hashes.
   */
  get memSize(): number {
    return this.#batch.size
  }

  /**
   * Adds a trie below a leaf: an account's storage. Its parent is committed after it. Nothing is
   * added where the store has it; an empty one clears what the store has at its place.
   *
   * @param root 32 bytes
   * @param path where it stands: the whole key of the leaf, behind its trie's own place
   * @param parent path of the node that holds the leaf
   * @throws {NotRequestedError} when the parent is not on its way
   */
  async addSubTrie(
    root: Uint8Array,
    path: NibblePath,
    parent?: NibblePath,
    onLeaf?: OnLeaf,
  ): Promise<void> {
    const owner = parent && this.#parent(parent)
    // Its parent failed in process and came again.
    if (this.#nodes.has(nodeKey(path))) return
    if (`0x${bytesToHex(root)}` === EMPTY_ROOT) {
      this.#batch.push({ kind: 'open', path, above: parent?.length ?? -1 })
      if (owner === undefined) this.#batch.push({ kind: 'clear', path, keep: [] })
      else owner.emptied.push(path)
    } else if (!(await this.#store.hasNode(path, root))) {
      this.#addNode({ path, hash: root }, { base: path.length, onLeaf }, owner)
    }
  }

  /**
   * Adds the code of an account. The node that holds the account is committed after it. Nothing is
   * added where the store has it, or where it has come before; several accounts may wait for one
   * code.
   *
   * @param codeHash 32 bytes
   * @param path the account's path, which gives its priority
   * @param parent path of the node that holds the account
   * @throws {NotRequestedError} when the parent is not on its way
   */
  async addCodeEntry(codeHash: Uint8Array, path: NibblePath, parent: NibblePath): Promise<void> {
    const owner = this.#parent(parent)
    const key = bytesToHex(codeHash)
    if (`0x${key}` === EMPTY_CODE_HASH || this.#knownCodes.has(key)) return
    if (!this.#codes.has(key)) {
      if (await this.#store.hasCode(codeHash)) this.#knownCodes.add(key)
      // It may have come while the store was looking.
      if (this.#knownCodes.has(key)) return
    }
    let request = this.#codes.get(key)
    if (request === undefined) {
      request = { kind: 'code', path, hash: codeHash, parents: new Set(), state: 'queued' }
      this.#codes.set(key, request)
      this.#queue.push(request)
    }
    if (!request.parents.has(owner)) owner.dependencies++
    request.parents.add(owner)
  }

  /**
   * Gives out what to fetch next, each node and code once: who does not get it asks again for it by
   * himself. Ends early where the next one's depth has as many as it may have, so that wide tries
   * are finished in parts.
   *
   * @param max how many at most; all where it is left out
   */
  missing(max = Number.POSITIVE_INFINITY): MissingNodes {
    const nodes: MissingNodes['nodes'] = []
    const codes: Uint8Array[] = []
    while (nodes.length + codes.length < max) {
      const request = this.#queue.take()
      if (request === undefined) break
      if (request.kind === 'code') codes.push(request.hash)
      else nodes.push({ path: request.path, hash: request.hash })
    }
    return { nodes, codes }
  }

  /**
   * Takes in a node, and looks which of its children are missing. After an error the node is
   * requested as before.
   *
   * @param encoded kept without copying
   * @param digest Keccak-256 of `encoded`, where the caller has it already: many are hashed faster
   *   at once
   * @throws {NotRequestedError} when `missing` did not give it out, or it is committed
   * @throws {AlreadyProcessedError} when it has come and waits for what is below it
   * @throws {HashMismatchError} when it is another node
   * @throws {TrieNodeError} when it is malformed; and errors of the store and `onLeaf`
   */
  async processNode(
    path: NibblePath,
    encoded: Uint8Array,
    digest: Uint8Array = this.#keccak256(encoded),
  ): Promise<void> {
    const request = this.#nodes.get(nodeKey(path))
    const what = () => `node at ${showPath(path)}`
    if (request === undefined || request.state === 'queued') throw new NotRequestedError(what())
    if (request.state !== 'requested') throw new AlreadyProcessedError(what())
    if (compareBytes(digest, request.hash) !== 0) {
      throw new HashMismatchError(what(), request.hash, digest)
    }
    const { trie } = request
    const items = frontier(encoded, request.path, trie.base + this.#keyNibbles)
    const children = items.filter((item) => 'hash' in item)
    // Two account hashes with 63 nibbles in common: one node would stand where storage roots do.
    if (trie.base === 0 && children.some((child) => child.path.length === ACCOUNT_NIBBLES)) {
      throw new TrieNodeError('child at the end of an account hash', encoded)
    }
    request.state = 'processing'
    try {
      for (const item of items) {
        if (!('value' in item)) continue
        const leaf = { path: item.path, keys: leafKeys(item.path), value: item.value }
        await trie.onLeaf?.({ ...leaf, parent: request.path }, this)
      }
      const stored = await Promise.all(
        children.map(({ path, hash }) => this.#store.hasNode(path, hash)),
      )
      for (const [index, child] of children.entries()) {
        if (!stored[index]) this.#addNode(child, trie, request)
      }
    } catch (error) {
      request.state = 'requested'
      throw error
    }
    request.state = 'waiting'
    this.#waiting++
    request.encoded = encoded
    request.frontier = items
    this.#commitReady(request)
  }

  /**
   * Takes in a code.
   *
   * @param codeHash under which it was requested
   * @param code kept without copying
   * @param digest Keccak-256 of `code`, where the caller has it already
   * @throws {NotRequestedError} when `missing` did not give it out
   * @throws {AlreadyProcessedError} when it has come
   * @throws {HashMismatchError} when it is another code
   */
  processCode(
    codeHash: Uint8Array,
    code: Uint8Array,
    digest: Uint8Array = this.#keccak256(code),
  ): void {
    const key = bytesToHex(codeHash)
    const request = this.#codes.get(key)
    const what = () => `code 0x${key}`
    if (this.#knownCodes.has(key)) throw new AlreadyProcessedError(what())
    if (request?.state !== 'requested') throw new NotRequestedError(what())
    if (compareBytes(digest, codeHash) !== 0) {
      throw new HashMismatchError(what(), codeHash, digest)
    }
    this.#batch.push({ kind: 'code', hash: request.hash, code })
    this.#codes.delete(key)
    this.#knownCodes.add(key)
    this.#queue.done(request)
    for (const parent of request.parents) {
      parent.dependencies--
      this.#commitReady(parent)
    }
  }

  /**
   * Gives out, in the order to apply them, the operations that have come up since the last time.
   */
  commit(): SyncOperation[] {
    return this.#batch.take()
  }

  #parent(path: NibblePath): NodeRequest {
    const parent = this.#nodes.get(nodeKey(path))
    if (parent === undefined) throw new NotRequestedError(`parent node at ${showPath(path)}`)
    return parent
  }

  #addNode({ path, hash }: FrontierNode, trie: SyncTrie, parent: NodeRequest | undefined): void {
    const request: NodeRequest = {
      ...{ kind: 'node', path, hash, trie, parent, state: 'queued' },
      ...{ dependencies: 0, emptied: [], encoded: undefined, frontier: [] },
    }
    this.#nodes.set(nodeKey(path), request)
    this.#queue.push(request)
    if (parent !== undefined) parent.dependencies++
    // Before anything below it can be written.
    this.#batch.push({ kind: 'open', path, above: parent?.path.length ?? -1 })
  }

  /**
   * Commits a node if nothing below it is open, and then its ancestors for which it was the last.
   */
  #commitReady(request: NodeRequest): void {
    let ready: NodeRequest | undefined = request
    while (ready?.state === 'waiting' && ready.dependencies === 0) {
      this.#batch.pushNode(ready)
      this.#nodes.delete(nodeKey(ready.path))
      this.#waiting--
      this.#queue.done(ready)
      ready = ready.parent
      if (ready !== undefined) ready.dependencies--
    }
  }
}

/**
 * One character per nibble: half of what hexadecimal would take, for hundreds of thousands of
 * paths.
 */
function nodeKey(path: NibblePath): string {
  return String.fromCharCode(...path)
}

function showPath(path: NibblePath): string {
  return path.length === 0 ? 'the root' : Array.from(path, (nibble) => nibble.toString(16)).join('')
}

import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import { clearedRanges } from '../../../src/sync/heal/scheduler/operations/clearedRanges.ts'
import type {
  ClearOperation,
  SyncOperation,
} from '../../../src/sync/heal/scheduler/operations/SyncOperation.ts'
import type { NibblePath } from '../../../src/trie/nibbles.ts'
import { StackTrie } from '../../../src/trie/StackTrie.ts'
import { END, PathTable } from './PathTable.ts'
import { SyncTestStore } from './SyncTestStore.ts'
import { pathKey, type SyncTruth } from './SyncTruth.ts'
import { wasmKeccak } from './wasmKeccak.ts'

/** Keeps leaves only, as Cambium's own store does: nodes are derived when they are asked for. */
export class LeafStore extends SyncTestStore {
  readonly accounts = new PathTable<string>()
  readonly slots = new PathTable<string>()
  /** Accounts whose storage is about to change. */
  readonly open = new Set<string>()
  readonly #keyNibbles: number

  constructor(keyNibbles = 64) {
    super()
    this.#keyNibbles = keyNibbles
  }

  async hasNode(path: NibblePath, hash: Uint8Array): Promise<boolean> {
    const prefix = pathKey(path)
    const isAccount = prefix.length < 64
    if (isAccount && [...this.open].some((account) => account.startsWith(prefix))) return false
    const table = isAccount ? this.accounts : this.slots
    const trie = new StackTrie(wasmKeccak)
    for (const key of table.between(prefix, prefix + END)) {
      const rest = Uint8Array.from(key.slice(prefix.length), (digit) => Number.parseInt(digit, 16))
      trie.addLeaf(rest, hexToBytes(table.values.get(key)!))
    }
    return compareBytes(trie.root(), hash) === 0
  }

  protected applyOne(operation: Exclude<SyncOperation, { kind: 'code' }>): void {
    const path = pathKey(operation.path)
    if (operation.kind === 'open' && path.length === 64) this.open.add(path)
    if (operation.kind === 'leaf') {
      const [account, slot] = operation.keys.map(bytesToHex)
      if (slot === undefined) {
        this.accounts.put(account ?? path, bytesToHex(operation.value))
        this.open.delete(account ?? path)
      } else {
        this.slots.put(account! + slot, bytesToHex(operation.value))
      }
    }
    if (operation.kind === 'clear') {
      if (this.#keyNibbles === 64) this.#clearRanges(operation)
      else this.#clearPaths(operation)
    }
  }

  #clearRanges(operation: ClearOperation): void {
    for (const range of clearedRanges(operation)) {
      const [from, to] = [bytesToHex(range.from), bytesToHex(range.to)]
      if (range.account !== undefined) {
        const account = bytesToHex(range.account)
        for (const key of this.slots.between(account + from, account + to + END)) {
          this.slots.remove(key)
        }
        continue
      }
      for (const key of this.accounts.between(from, to + END)) this.accounts.remove(key)
      for (const key of this.slots.between(from, to + END)) this.slots.remove(key)
      for (const key of this.open) if (key >= from && key <= to) this.open.delete(key)
    }
  }

  /** Keys of other sizes: no accounts, and no ranges of hashes. */
  #clearPaths(operation: ClearOperation): void {
    const path = pathKey(operation.path)
    const keep = operation.keep.map(pathKey)
    for (const key of this.accounts.between(path, path + END)) {
      if (!keep.some((kept) => key.startsWith(kept))) this.accounts.remove(key)
    }
  }

  differences(truth: SyncTruth): string[] {
    const stored = new Map([...this.accounts.values, ...this.slots.values])
    const missing = [...truth.leaves]
      .filter(([path, value]) => stored.get(path) !== value)
      .map(([path]) => `missing ${path}`)
    const strange = [...stored.keys()]
      .filter((path) => !truth.leaves.has(path))
      .map((path) => `strange ${path}`)
    const open = [...this.open].map((account) => `open ${account}`)
    return [...missing, ...strange, ...open, ...this.missingCodes(truth)]
  }
}

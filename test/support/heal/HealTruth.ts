import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { slimAccount } from '../../../src/account/slimAccount.ts'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import { packLeaves } from '../../../src/leaves/packLeaves.ts'
import type { StateSource } from '../../../src/served/StateSource.ts'
import type { StateStore, StoreBatch } from '../../../src/store/StateStore.ts'
import { MemoryTrie, type TrieEntry } from '../../../src/trie/memory/MemoryTrie.ts'
import { hexPairs } from '../sync/StateTruth.ts'
import { SyncTruth, type TruthAccount } from './SyncTruth.ts'

/** A made-up state: what a store must hold of it, and a peer's source that has it. */
export class HealTruth {
  readonly truth: SyncTruth
  readonly accounts: readonly TruthAccount[]
  /** Slim accounts by account hash, and slots by account hash ‖ slot hash, all in hexadecimal. */
  readonly leaves = new Map<string, string>()

  constructor(accounts: readonly TruthAccount[]) {
    this.accounts = accounts
    this.truth = SyncTruth.state(accounts)
    for (const [key, value] of this.truth.leaves) {
      const stored = key.length === 64 ? bytesToHex(slimAccount(hexToBytes(value))) : value
      this.leaves.set(key, stored)
    }
  }

  get root(): Uint8Array {
    return this.truth.root
  }

  /** A peer's source of this state and no other. */
  source(): StateSource {
    const tries = new Map<string, TrieEntry[]>([['', []]])
    for (const { hash } of this.accounts) tries.set(bytesToHex(hash), [])
    for (const [key, value] of [...this.truth.leaves].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const trie = tries.get(key.slice(0, -64))!
      trie.push([hexToBytes(key.slice(-64)), hexToBytes(value)])
    }
    const accounts = MemoryTrie.from(tries.get('')!)
    const built = new Map<string, MemoryTrie>()
    const storage = (account: Uint8Array) => {
      const hash = bytesToHex(account)
      const entries = tries.get(hash)
      if (entries === undefined) return undefined
      const trie = built.get(hash) ?? MemoryTrie.from(entries)
      built.set(hash, trie)
      return trie
    }
    return {
      state: (root) => (compareBytes(root, this.root) === 0 ? { accounts, storage } : undefined),
      code: (hash) => this.truth.codes.get(bytesToHex(hash)),
    }
  }

  /** Everything of the state, to be written at once. */
  batch(): StoreBatch {
    const pairs = (size: number) =>
      [...this.leaves]
        .filter(([key]) => key.length === 2 * size)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, value]): TrieEntry => [hexToBytes(key), hexToBytes(value)])
    return {
      accounts: packLeaves(pairs(32), 32),
      slots: packLeaves(pairs(64), 64),
      codes: [...this.truth.codes].map(([hash, code]) => ({ hash: hexToBytes(hash), code })),
    }
  }

  /**
   * What a store's working state lacks of this one, and what it has beside it; codes may be left
   * over.
   */
  async differences(store: StateStore): Promise<string[]> {
    const stored = await storedLeaves(store)
    const missing = [...this.leaves].filter(([key, value]) => stored.get(key) !== value)
    const strange = [...stored.keys()].filter((key) => !this.leaves.has(key))
    const codes: string[] = []
    for (const hash of this.truth.codes.keys()) {
      if (!(await store.working.hasCodes([hexToBytes(hash)]))[0]) codes.push(`no code ${hash}`)
    }
    return [
      ...missing.map(([key]) => `missing ${key}`),
      ...strange.map((key) => `strange ${key}`),
      ...codes,
      ...(await storedMarks(store)).map((hash) => `incomplete ${hash}`),
    ]
  }

  /**
   * Paths of the nodes under which a store has other leaves, or an incomplete account: all that
   * must be fetched.
   */
  async missingNodes(store: StateStore): Promise<string[]> {
    const marks = await storedMarks(store)
    const stored = this.#leavesUnder(await storedLeaves(store))
    const wanted = this.#leavesUnder(this.leaves)
    return [...this.truth.nodes.keys()]
      .filter((path) => {
        if (path.length < 64 && marks.some((hash) => hash.startsWith(path))) return true
        return stored.get(path) !== wanted.get(path)
      })
      .sort()
  }

  /** By path of each node the leaves of its trie that are under it, in one string. */
  #leavesUnder(leaves: ReadonlyMap<string, string>): Map<string, string> {
    const under = new Map<string, string>()
    for (const [key, value] of [...leaves].sort(([a], [b]) => (a < b ? -1 : 1))) {
      // At the end of an account's key stands the root of its storage; at that of a slot's, a leaf
      // without a path.
      const last = key.length === 64 ? 63 : 128
      for (let end = key.length - 64; end <= last; end++) {
        const path = key.slice(0, end)
        if (this.truth.nodes.has(path)) under.set(path, `${under.get(path)},${key}=${value}`)
      }
    }
    return under
  }
}

/** The leaves of a store's working state, as `HealTruth.leaves`. */
async function storedLeaves(store: StateStore): Promise<Map<string, string>> {
  const stored = new Map<string, string>()
  for (const pages of [store.working.accounts(), store.working.slots()]) {
    for await (const leaves of pages) {
      for (const [key, value] of hexPairs(leaves)) stored.set(key, value)
    }
  }
  return stored
}

async function storedMarks(store: StateStore): Promise<string[]> {
  const names = [...(await store.journal()).keys()]
  return names.filter((name) => name.startsWith('heal/')).map((name) => name.slice(5))
}

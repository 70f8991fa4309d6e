import { bytesToHex, concatBytes } from '@noble/hashes/utils.js'
import { encodeAccount } from '../../../src/account/accountCodec.ts'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import type { TrieEntry } from '../../../src/trie/memory/MemoryTrie.ts'
import { bytesToNibbles, type NibblePath } from '../../../src/trie/nibbles.ts'
import { referencedHash } from '../../../src/trie/nodeReference.ts'
import { StackTrie } from '../../../src/trie/StackTrie.ts'
import { walkPath } from '../../../src/trie/walkPath.ts'
import { wasmKeccak } from './wasmKeccak.ts'

/** An account of a made-up state. */
export interface TruthAccount {
  hash: Uint8Array
  nonce: bigint
  balance: bigint
  /** Empty: none. */
  code: Uint8Array
  /** Slot hashes and values as the storage trie holds them. */
  storage: readonly TrieEntry[]
}

/** A path as a string: one digit per nibble. */
export const pathKey = (path: NibblePath) =>
  Array.from(path, (nibble) => nibble.toString(16)).join('')

/** Everything that a store has when it is in sync, and what an honest peer answers. */
export class SyncTruth {
  /** 32 bytes. */
  readonly root: Uint8Array
  /** All nodes that have a hash, by `pathKey`. */
  readonly nodes = new Map<string, { encoded: Uint8Array; hash: Uint8Array }>()
  /** Values in hexadecimal by `pathKey` of their whole key. */
  readonly leaves = new Map<string, string>()
  /** By hash in hexadecimal. */
  readonly codes = new Map<string, Uint8Array>()
  /** Code hashes of accounts in hexadecimal, by `pathKey`. */
  readonly codeHashes = new Map<string, string>()

  /** A trie that is not a state. */
  static trie(entries: readonly TrieEntry[]): SyncTruth {
    return new SyncTruth(entries, [])
  }

  /** A state with storage and code. */
  static state(accounts: readonly TruthAccount[]): SyncTruth {
    return new SyncTruth([], accounts)
  }

  private constructor(entries: readonly TrieEntry[], accounts: readonly TruthAccount[]) {
    const states = accounts.map(({ hash, nonce, balance, code, storage }): TrieEntry => {
      const account = bytesToNibbles(hash)
      const codeHash = wasmKeccak(code)
      if (code.length > 0) {
        this.codes.set(bytesToHex(codeHash), code)
        this.codeHashes.set(pathKey(account), bytesToHex(codeHash))
      }
      const storageRoot = this.#addTrie(storage, account)
      return [hash, encodeAccount({ nonce, balance, storageRoot, codeHash })]
    })
    this.root = this.#addTrie([...entries, ...states], new Uint8Array())
  }

  /** The node at a path; as an honest peer has it. */
  node(path: NibblePath): Uint8Array {
    return this.nodes.get(pathKey(path))!.encoded
  }

  /** The leaves under a path, in one string; at an account's path, those of its storage. */
  under(path: string): string {
    return [...this.leaves]
      .filter(([key]) => key.startsWith(path) && (path.length !== 64 || key.length > 64))
      .sort()
      .join()
  }

  #addTrie(entries: readonly TrieEntry[], base: NibblePath): Uint8Array {
    const encodings = new Map<string, Uint8Array>()
    const builder = new StackTrie(wasmKeccak, (hash, encoded) =>
      encodings.set(bytesToHex(hash), encoded),
    )
    const sorted = [...entries].sort(([a], [b]) => compareBytes(a, b))
    for (const [key, value] of sorted) {
      builder.addLeaf(bytesToNibbles(key), value)
      this.leaves.set(pathKey(concatBytes(base, bytesToNibbles(key))), bytesToHex(value))
    }
    const root = builder.root()
    for (const [key] of sorted) {
      const path = bytesToNibbles(key)
      for (const step of walkPath((hash) => encodings.get(bytesToHex(hash)), root, path)) {
        const hash = referencedHash(step.reference)
        if (hash === undefined) continue
        const place = pathKey(concatBytes(base, path.subarray(0, step.depth)))
        this.nodes.set(place, { encoded: step.encoded, hash })
      }
    }
    return root
  }
}

import { bytesToHex } from '@noble/hashes/utils.js'
import {
  bytesToNibbles,
  compareBytes,
  decodeAccount,
  emptyRoot,
  LAST_HASH,
  type NibblePath,
  referencedHash,
  type Verifier,
  verifyProof,
  walkPath,
} from 'cambium/server'
import type { Ask } from './Ask.ts'

/** The lowest origin for which servers send a proof; it lies below the same nodes as zero. */
const FIRST_PROVEN = /* @__PURE__ */ new Uint8Array(32).fill(1, 31)

/**
 * Single accounts and nodes of a state, out of the proofs of ranges: of what is on the way from a
 * root to a key, each node is named by the one above it.
 */
export class ProvenTries {
  readonly #root: Uint8Array
  readonly #verifier: Verifier
  readonly #ask: Ask
  /**
   * By what was asked for: nodes that lie close to each other have most of their proofs in common.
   */
  readonly #proofs = new Map<string, Promise<readonly Uint8Array[]>>()

  /** @param root of the state, 32 bytes */
  constructor(root: Uint8Array, verifier: Verifier, ask: Ask) {
    this.#root = root
    this.#verifier = verifier
    this.#ask = ask
  }

  /**
   * The storage root of an account; `undefined` where the state has no such account.
   * @throws {Error} when nobody proves either
   */
  async storageRoot(account: Uint8Array): Promise<Uint8Array | undefined> {
    const proof = await this.#accountProof(account)
    const keccak256 = (input: Uint8Array) => this.#verifier.keccak256(input)
    const encoded = verifyProof(this.#root, account, proof, keccak256)
    return encoded && decodeAccount(encoded).storageRoot
  }

  /**
   * The node at a path of the account trie, or of the storage trie of an account; `undefined` if it
   * does not exist or is embedded in its parent.
   *
   * @throws {Error} when nobody proves either
   */
  async node(account: Uint8Array | undefined, path: NibblePath): Promise<Uint8Array | undefined> {
    const key = keyBelow(path)
    if (account === undefined) return this.#nodeOn(this.#root, path, await this.#accountProof(key))
    const root = (await this.storageRoot(account)) ?? emptyRoot()
    if (compareBytes(root, emptyRoot()) === 0) return undefined
    return this.#nodeOn(root, path, await this.#slotProof(account, key))
  }

  #accountProof(key: Uint8Array): Promise<readonly Uint8Array[]> {
    return this.#once(bytesToHex(key), async () => {
      const range = { root: this.#root, origin: key, limit: key, bytes: 0 }
      const answer = await this.#ask({ kind: 'GetAccountRange', id: 0n, ...range })
      return 'accounts' in answer ? answer.proof : []
    })
  }

  #slotProof(account: Uint8Array, key: Uint8Array): Promise<readonly Uint8Array[]> {
    return this.#once(bytesToHex(account) + bytesToHex(key), async () => {
      const origin = compareBytes(key, FIRST_PROVEN) < 0 ? FIRST_PROVEN : key
      // Of no bytes, a server says nothing at all.
      const range = { root: this.#root, accounts: [account], origin, limit: LAST_HASH, bytes: 1 }
      const answer = await this.#ask({ kind: 'GetStorageRanges', id: 0n, ...range })
      return 'slots' in answer ? answer.proof : []
    })
  }

  #once(key: string, ask: () => Promise<readonly Uint8Array[]>): Promise<readonly Uint8Array[]> {
    const proof = this.#proofs.get(key) ?? ask()
    this.#proofs.set(key, proof)
    return proof
  }

  #nodeOn(
    root: Uint8Array,
    path: NibblePath,
    proof: readonly Uint8Array[],
  ): Uint8Array | undefined {
    const nodes = new Map(proof.map((node) => [bytesToHex(this.#verifier.keccak256(node)), node]))
    const key = bytesToNibbles(keyBelow(path))
    const steps = walkPath((hash) => nodes.get(bytesToHex(hash)), root, key)
    const step = steps.find(({ depth }) => depth === path.length)
    return step && referencedHash(step.reference) && step.encoded
  }
}

/** The first key below a path. */
function keyBelow(path: NibblePath): Uint8Array {
  const key = new Uint8Array(32)
  for (const [index, nibble] of path.subarray(0, 64).entries()) {
    key[index >> 1]! |= index % 2 === 0 ? nibble << 4 : nibble
  }
  return key
}

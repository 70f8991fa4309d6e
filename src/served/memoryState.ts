import { encodeAccount } from '../account/accountCodec.ts'
import { type Hex, toHex } from '../base/bytes/hex.ts'
import type { Leaves } from '../leaves/Leaves.ts'
import { LeavesBuilder } from '../leaves/packLeaves.ts'
import { sortLeaves } from '../leaves/sortLeaves.ts'
import { encodeRlp } from '../rlp/encodeRlp.ts'
import type { Hasher } from '../trie/Hasher.ts'
import { addHashed } from '../trie/packed/addHashed.ts'
import { JsVerifier } from '../verifier/JsVerifier.ts'
import type { AccountEntry } from './AccountEntry.ts'
import { expectDeclared } from './expectDeclared.ts'
import { PackedContents } from './packed/PackedContents.ts'
import { PackedState } from './packed/PackedState.ts'
import type { StateSize } from './StateSize.ts'
import type { StateSource } from './StateSource.ts'

export interface MemoryState extends StateSize {
  stateRoot: Hex
  source: StateSource
}

export interface MemoryStateOptions {
  /** Called now and then while the state is built. */
  onProgress?: ((size: StateSize) => void) | undefined
  /**
   * What hashes the state, when it is built and when it is served: `await createVerifier()`, with
   * which a million accounts take some seconds.
   * @default JavaScript, which needs no wasm and takes ten times as long
   */
  verifier?: Hasher
}

/** Accounts between two reports: some 0.3 s of work in JavaScript. */
const REPORT_EVERY = 10_000

/**
 * Builds a state in memory and serves it.
 *
 * Costs some 130 bytes per account and some 45 per slot, twice that while it is built; code and
 * storage that several accounts have in common are held once.
 *
 * @param entries in any order
 * @throws {AccountMismatchError} when an account's code or storage is not what it declares
 * @throws {LeafOrderError} when an account occurs twice, or a slot twice in one account
 */
export function memoryState(
  entries: Iterable<AccountEntry>,
  { onProgress, verifier = new JsVerifier() }: MemoryStateOptions = {},
): MemoryState {
  const contents = new PackedContents(verifier)
  const accounts = new LeavesBuilder()
  let slots = 0
  const size = () => ({ accounts: accounts.count, slots, codes: contents.codeCount })
  for (const entry of entries) {
    const codeHash = contents.addCode(entry.code)
    expectDeclared(entry, 'code hash', codeHash)
    const storage = storageLeaves(entry, verifier)
    const storageRoot = contents.addStorage(storage)
    expectDeclared(entry, 'storage root', storageRoot)
    slots += storage.count
    const { nonce, balance } = entry
    accounts.add(entry.hash, encodeAccount({ nonce, balance, storageRoot, codeHash }))
    if (accounts.count % REPORT_EVERY === 0) onProgress?.(size())
  }
  const state = new PackedState(sortLeaves(accounts.finish()), contents)
  return { stateRoot: toHex(state.accounts.root), source: state.source, ...size() }
}

const NO_SLOTS = /* @__PURE__ */ new LeavesBuilder().finish()

/** The slots of an account that are set, sorted. */
function storageLeaves({ storage, hashedStorage = [] }: AccountEntry, verifier: Hasher): Leaves {
  if (storage.length + hashedStorage.length === 0) return NO_SLOTS
  const raw = new LeavesBuilder()
  for (const [slot, value] of storage) if (value !== 0n) raw.add(slot, encodeRlp(value))
  const leaves = new LeavesBuilder()
  addHashed(raw.finish(), verifier, leaves)
  for (const [slotHash, value] of hashedStorage) {
    if (value !== 0n) leaves.add(slotHash, encodeRlp(value))
  }
  return sortLeaves(leaves.finish())
}

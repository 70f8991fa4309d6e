import { type Hex, toHex } from '../bytes/hex.ts'
import { LeafCollector } from '../leaves/LeafCollector.ts'
import { sortLeaves } from '../leaves/sortLeaves.ts'
import { PackedContents } from '../snap/packed/PackedContents.ts'
import { createVerifier } from '../trie/createVerifier.ts'
import { addHashed } from '../trie/packed/addHashed.ts'
import type { BatchHasher } from '../trie/packed/NodeBatch.ts'
import { AccountDraws } from './synthetic/AccountDraws.ts'
import { AccountWriter } from './synthetic/AccountWriter.ts'
import type { StateShape } from './synthetic/StateShape.ts'
import { StorageDrawer } from './synthetic/StorageDrawer.ts'
import { SyntheticState } from './synthetic/SyntheticState.ts'

/** Addresses that are hashed in one call. */
const BATCH = 1024

/** Bytes of the value of an account: a few more than there are. */
const ACCOUNT = 84

/** Addresses that a state names. */
const NAMED = 1000

export interface SyntheticStateOptions extends StateShape {
  /** What hashes the state, when it is built and when it is served. @default the fastest that runs here */
  verifier?: BatchHasher
}

/**
 * A made-up state of any size, the same for the same shape: that of `syntheticAccounts`, made without an object per account.
 * A million plain accounts take some three seconds and 130 MB.
 *
 * @example
 * ```ts
 * const state = await syntheticState({ seed: 1, accounts: 1_000_000, shared: 0.2 })
 * const peers = statePeers([stateServer(state.source)])
 * const sync = await createStateSync({ trust: state.stateRoot, peers, … })
 * await sync.start()
 * await sync.getAccount(state.addresses[0])
 * ```
 */
export async function syntheticState(options: SyntheticStateOptions): Promise<SyntheticState> {
  const { verifier = await createVerifier(), ...shape } = options
  const contents = new PackedContents(verifier)
  const draws = new AccountDraws(shape)
  const writer = new AccountWriter()
  const storages = new StorageDrawer(verifier)
  const models: { root: Uint8Array; slots: number }[] = []
  const addresses: Hex[] = []
  const every = Math.max(1, Math.floor(shape.accounts / NAMED))
  let slots = 0

  function storageRoot(): Uint8Array | undefined {
    if (draws.code < 0) return undefined
    const known = models[draws.model]
    slots += known?.slots ?? draws.slots
    if (known !== undefined) return known.root
    const root = contents.addStorage(storages.draw(draws))
    if (draws.isModel) models.push({ root, slots: draws.slots })
    return root
  }

  const accounts = new LeafCollector(32, {
    leaves: shape.accounts,
    bytes: ACCOUNT * shape.accounts,
  })
  const batch = new LeafCollector(20)
  for (let index = 0; index < shape.accounts; index++) {
    draws.next()
    if (index % every === 0 && addresses.length < NAMED) addresses.push(toHex(draws.address))
    const codeHash = draws.code < 0 ? undefined : contents.addCode(draws.codes[draws.code]!)
    writer.write(draws, storageRoot(), codeHash)
    batch.addFrom(draws.address, 0, writer.bytes, 0, writer.end)
    if (batch.count < BATCH && index + 1 < shape.accounts) continue
    addHashed(batch.finish(), verifier, accounts)
    batch.clear()
  }
  return new SyntheticState({ accounts: sortLeaves(accounts.finish()), contents, slots, addresses })
}

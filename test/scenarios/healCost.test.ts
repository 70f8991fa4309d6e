import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emptyCodeHash } from '../../src/account/emptyHashes.ts'
import { toHex } from '../../src/base/bytes/hex.ts'
import { encodeRlp } from '../../src/rlp/encodeRlp.ts'
import { AccountContents } from '../../src/served/AccountContents.ts'
import { SeededRandom } from '../../src/served/changing/SeededRandom.ts'
import { stateHandler } from '../../src/snap/server/stateHandler.ts'
import { MemoryBackend } from '../../src/store/backend/MemoryBackend.ts'
import { HEAL_LIMIT } from '../../src/sync/heal/choice/isFar.ts'
import { MemoryTrie, type TrieChange } from '../../src/trie/memory/MemoryTrie.ts'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { differingNodes } from '../support/heal/differingNodes.ts'
import { healedNodes } from '../support/heal/healedNodes.ts'
import { TestPeers } from '../support/peers/TestPeers.ts'
import { watched } from '../support/store/watched.ts'
import { StateTruth } from '../support/sync/StateTruth.ts'
import { SyncFixture } from '../support/sync/SyncFixture.ts'

const ACCOUNTS = 100_000
/** One account in so many has storage. */
const CONTRACTS = 50

const { share } = HEAL_LIMIT
afterAll(() => {
  HEAL_LIMIT.share = share
})

/** Hears of what is hashed: in all that derives, heals and verifies, though not in range proofs. */
let onHash: (inputs: number) => void = () => {}
let verifier: Verifier
let contents: AccountContents

beforeAll(async () => {
  const plain = await createVerifier()
  contents = new AccountContents((input) => plain.keccak256(input))
  verifier = {
    ...{ verifyRange: plain.verifyRange.bind(plain), rootBuilder: plain.rootBuilder.bind(plain) },
    ...{ readAccounts: plain.readAccounts.bind(plain), readSlots: plain.readSlots.bind(plain) },
    storageRoots: plain.storageRoots.bind(plain),
    branchOf(leaves) {
      // 1.3 nodes for each leaf.
      onHash(Math.ceil(1.3 * leaves.count))
      return plain.branchOf(leaves)
    },
    keccak256(input) {
      onHash(1)
      return plain.keccak256(input)
    },
    keccak256Batch(inputs) {
      onHash(inputs.length)
      return plain.keccak256Batch(inputs)
    },
  } as Verifier
})

function slots(random: SeededRandom, count: number): TrieChange[] {
  return Array.from({ length: count }, () => [random.bytes(32), encodeRlp(random.bytes(8))])
}

function account(random: SeededRandom, storage: MemoryTrie): Uint8Array {
  const balance = BigInt(random.below(2 ** 31)) * 10n ** 9n
  return contents.encode({ nonce: 1n, balance, storage, codeHash: emptyCodeHash() })
}

function firstAccounts(random: SeededRandom): MemoryTrie {
  const none = MemoryTrie.from([], contents.keccak256)
  const entries = Array.from({ length: ACCOUNTS }, (_, index) => {
    const isContract = index % CONTRACTS === 0
    const storage = isContract ? none.with(slots(random, 1 + random.below(60))) : none
    return [random.bytes(32), account(random, storage)] as const
  })
  return MemoryTrie.from(entries, contents.keccak256)
}

/** Changes so many accounts: mostly balances, some storage, some come and some go. */
function changed(accounts: MemoryTrie, random: SeededRandom, count: number): MemoryTrie {
  const changes = new Map<string, TrieChange>()
  while (changes.size < count) {
    const [hash, encoded] = accounts.at(random.below(accounts.count))!
    const { storage } = contents.decode(encoded)
    const next = storage.count > 0 ? storage.with(slots(random, 2)) : storage
    const what = random.below(20)
    if (what === 0) changes.set(toHex(hash), [hash, undefined])
    else changes.set(toHex(hash), [hash, account(random, next)])
    if (what !== 1) continue
    const added = random.bytes(32)
    changes.set(toHex(added), [added, account(random, storage)])
  }
  return accounts.with([...changes.values()])
}

/** What a heal costs here. */
interface Work {
  /** Pages, records and whether there are any. */
  reads: number
  writes: number
  hashes: number
}

describe(`a heal of ${ACCOUNTS} accounts`, () => {
  it('costs what changed: 1 % of them, 0.1 %, and 10; in nodes, in bytes, and in local work', {
    timeout: 240_000,
  }, async () => {
    const random = new SeededRandom(100)
    let work: Work = { reads: 0, writes: 0, hashes: 0 }
    onHash = (inputs) => {
      work.hashes += inputs
    }
    const backend = watched(new MemoryBackend(), ({ gets, puts, deletes }) => {
      work.reads += gets
      work.writes += puts + deletes
    })
    const tries = new Map<string, MemoryTrie>()
    const source = contents.serve((root) => tries.get(toHex(root)))
    const peers = new TestPeers({ only: stateHandler(source) })
    const run = new SyncFixture({ verifier, backend, peers })
    const heal = async (accounts: MemoryTrie) => {
      tries.set(toHex(accounts.root), accounts)
      peers.exchanges.length = 0
      work = { reads: 0, writes: 0, hashes: 0 }
      const before = run.events.at(-1)?.bytes ?? 0
      await run.sync(accounts)
      return run.events.at(-1)!.bytes - before
    }

    let accounts = firstAccounts(random)
    // The check at its end hashes everything once, and keeps the upper part of the trie from then
    // on.
    await heal(accounts)
    const { hashes: all } = work
    expect(all).toBeGreaterThan(ACCOUNTS)

    for (const changes of [10, ACCOUNTS / 100, ACCOUNTS / 1_000, 10]) {
      // More than a few would be downloaded, which is not what is measured here.
      HEAL_LIMIT.share = changes === 10 ? share : Number.POSITIVE_INFINITY
      const former = source.state(accounts.root)!
      accounts = changed(accounts, random, changes)
      const bytes = await heal(accounts)
      const wanted = differingNodes(source.state(accounts.root)!, former)
      const nodes = healedNodes(peers.exchanges).filter(({ encoded }) => encoded.length > 0)
      expect(wanted.nodes).toBeGreaterThan(2 * changes)
      expect(nodes.length).toBeLessThanOrEqual(1.1 * wanted.nodes)
      // All bytes that came, with what stands around the nodes.
      expect(bytes).toBeLessThanOrEqual(1.1 * wanted.bytes)
      // Each change hashes its page before and after it: some 300 accounts, and the branches above
      // them.
      expect(work.hashes).toBeLessThan(1_500 * changes)
      expect(work.reads).toBeLessThan(20 * changes)
      expect(work.writes).toBeLessThan(8 * changes)
      if (changes === 10) expect(work.hashes).toBeLessThan(all / 10)
    }
    const state = { source, stateRoot: toHex(accounts.root), accounts: accounts.count }
    await run.expectComplete(new StateTruth({ ...state, slots: 0, codes: 0 }))
  })
})

import { describe, expect, it } from 'vitest'
import { stateHandler } from '../../snap/stateHandler.ts'
import { openMemoryStore } from '../../store/MemoryStore.ts'
import type { StateStore, StoreBatch } from '../../store/StateStore.ts'
import { SeededRandom } from '../../testing/SeededRandom.ts'
import { createVerifier } from '../../trie/createVerifier.ts'
import { changeAccounts } from '../../trie/sync/fixtures/changeAccounts.ts'
import type { TruthAccount } from '../../trie/sync/fixtures/SyncTruth.ts'
import { HealTruth } from './fixtures/HealTruth.ts'
import { type HealRun, runHealer } from './fixtures/runHealer.ts'
import { readIncompleteAccounts } from './readIncompleteAccounts.ts'
import { TrieHealer } from './TrieHealer.ts'

const verifier = await createVerifier()
const first = new SeededRandom().seed

async function start(store: StateStore, root: Uint8Array): Promise<TrieHealer> {
  const { incomplete } = readIncompleteAccounts(await store.journal())
  return TrieHealer.start({ root, view: store.working, verifier, incomplete, now: () => 0 })
}

/** Heals a store to a state, with an honest peer, and writes everything at once. */
async function heal(
  store: StateStore,
  target: HealTruth,
  options: Omit<HealRun, 'write'> = {},
): Promise<TrieHealer> {
  const healer = await start(store, target.root)
  const write = async (batch: StoreBatch) => {
    await store.commit(batch)
    return true
  }
  await runHealer(healer, stateHandler(target.source()), { ...options, write })
  return healer
}

function someStates(random: SeededRandom, count: number): HealTruth[] {
  let accounts: TruthAccount[] = []
  for (let growing = 0; growing < 4; growing++) accounts = changeAccounts(random, accounts)
  return Array.from({ length: count }, () => {
    accounts = changeAccounts(random, accounts)
    return new HealTruth(accounts)
  })
}

describe('TrieHealer', () => {
  it('heals', async () => {
    for (let seed = first; seed < first + 20; seed++) {
      const random = new SeededRandom(seed)
      const store = await openMemoryStore()
      for (const target of someStates(random, 4)) {
        const healer = await heal(store, target, { random, capacity: random.pick([1, 5, 2000]) })
        expect(await target.differences(store), `seed ${seed}`).toEqual([])
        expect(healer.pending).toBe(0)
        expect(healer.progress.fraction).toBe(1)
      }
    }
  })
})

import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import { stateHandler } from '../../../src/snap/server/stateHandler.ts'
import type { StateStore, StoreBatch } from '../../../src/store/StateStore.ts'
import { DerivedState } from '../../../src/sync/audit/DerivedState.ts'
import { FarStorage } from '../../../src/sync/heal/choice/FarStorage.ts'
import { TrieHealer, type TrieHealerOptions } from '../../../src/sync/heal/TrieHealer.ts'
import { readIncompleteAccounts } from '../../../src/sync/journal/readIncompleteAccounts.ts'
import { createVerifier } from '../../../src/verifier/createVerifier.ts'
import { changeAccounts } from './changeAccounts.ts'
import type { HealTruth } from './HealTruth.ts'
import { runHealer } from './runHealer.ts'
import type { TruthAccount } from './SyncTruth.ts'

export const verifier = await createVerifier()

/** A healer of a store's working state, that knows the incomplete accounts from the journal. */
export async function startHealer(
  store: StateStore,
  root: Uint8Array,
  options: Partial<TrieHealerOptions> = {},
): Promise<TrieHealer> {
  const { incomplete } = readIncompleteAccounts(await store.journal())
  const view = store.working
  const derived = new DerivedState(view, verifier)
  const farStorage = new FarStorage(view)
  const base = { root, view, derived, verifier, incomplete, farStorage, now: () => 0 }
  return TrieHealer.start({ ...base, ...options })
}

/** Heals a store to a state with an honest peer, one request after the other. */
export async function heal(store: StateStore, target: HealTruth): Promise<TrieHealer> {
  const healer = await startHealer(store, target.root)
  const write = async (batch: StoreBatch) => {
    await store.commit(batch)
    return true
  }
  await runHealer(healer, stateHandler(target.source()), { write })
  return healer
}

/**
 * Versions of one state, each after the other; accounts come, go and change, and so do their slots
 * and codes.
 */
export function versions(random: SeededRandom, count: number): TruthAccount[][] {
  let accounts: TruthAccount[] = []
  for (let growing = 0; growing < 4; growing++) accounts = changeAccounts(random, accounts)
  return Array.from({ length: count }, () => {
    accounts = changeAccounts(random, accounts)
    return accounts
  })
}

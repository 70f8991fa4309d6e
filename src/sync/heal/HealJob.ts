import type { StoreBatch } from '../../store/StateStore.ts'
import type { Verifier } from '../../verifier/Verifier.ts'
import type { HealCounts } from './HealCounts.ts'
import type { HealQueue } from './HealQueue.ts'
import type { TrieSync } from './scheduler/TrieSync.ts'

/** What the requests for nodes and those for codes have in common: one state that is healed. */
export interface HealJob {
  /** State root, 32 bytes. */
  readonly root: Uint8Array
  readonly sync: TrieSync
  readonly queue: HealQueue
  readonly verifier: Pick<Verifier, 'keccak256Batch'>
  readonly counts: HealCounts
  /** What is to be written now; `{}` where it is too little to be worth a transaction. */
  batch(): StoreBatch
}

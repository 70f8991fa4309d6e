import { toHex } from '../../../src/base/bytes/hex.ts'
import type { StoreBackend } from '../../../src/store/backend/StoreBackend.ts'
import { PagedStore } from '../../../src/store/PagedStore.ts'
import type { Verifier } from '../../../src/verifier/Verifier.ts'
import type { SimulatedChain } from '../world/SimulatedChain.ts'
import { expectRoots } from './expectRoots.ts'

/**
 * Looks at what is on a disk after the last sync: the state under `root`, whole, and nothing of an
 * unfinished sync.
 *
 * @param begun whether another sync may have been cut off after the state was completed
 * @throws what differs
 */
export async function expectCompleted(
  backend: StoreBackend,
  { root, begun }: { root: Uint8Array; begun: boolean },
  chain: SimulatedChain,
  verifier: Verifier,
): Promise<void> {
  const store = new PagedStore(backend)
  const completion = await store.completion()
  const complete = completion && toHex(completion.root)
  if (complete !== toHex(root)) throw new Error(`${complete} is complete, expected ${toHex(root)}`)
  const truth = chain.truth(root)
  await truth.expectStored(store.completed, { formerCodes: true })
  await expectRoots(store.completed, root, verifier)
  if (begun) return
  const records = [...(await store.journal()).keys()]
  if (`${records}` !== 'counts') throw new Error(`the journal has ${records}, expected counts`)
  await truth.expectStored(store.working, { formerCodes: true })
}

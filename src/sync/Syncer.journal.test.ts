import { beforeAll, describe, expect, it } from 'vitest'
import { capped } from '../../test/support/peers/handlers.ts'
import { TestPeers } from '../../test/support/peers/TestPeers.ts'
import { copyBackend } from '../../test/support/store/copyBackend.ts'
import { storeWithHooks } from '../../test/support/store/storeWithHooks.ts'
import { runSync } from '../../test/support/sync/runSync.ts'
import { StateTruth } from '../../test/support/sync/StateTruth.ts'
import { stateHandler } from '../snap/server/stateHandler.ts'
import { MemoryBackend } from '../store/backend/MemoryBackend.ts'
import { openMemoryStore } from '../store/openMemoryStore.ts'
import { syntheticAccounts } from '../testing/syntheticAccounts.ts'
import { createVerifier } from '../verifier/createVerifier.ts'
import type { Verifier } from '../verifier/Verifier.ts'
import type { Fault } from './peers/Fault.ts'

const truth = new StateTruth(
  syntheticAccounts({ seed: 51, accounts: 150, contracts: 0.3, maxSlots: 100 }),
)
const handler = capped(stateHandler(truth.state.source), 1_500)
const never = new AbortController().signal
let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

/** A store with the first commits of a sync. */
async function begun(commits: number): Promise<MemoryBackend> {
  const backend = new MemoryBackend()
  const controller = new AbortController()
  let left = commits
  const store = storeWithHooks(await openMemoryStore(backend), async (_, commit) => {
    if (left-- > 0) await commit()
    else throw new Error('enough')
  })
  const peers = new TestPeers({ honest: handler })
  await runSync({ store, verifier }, truth.root, peers, controller.signal).catch(() => undefined)
  return backend
}

const DAMAGES: [string, (record: Uint8Array) => Uint8Array][] = [
  ['cut in the middle', (record) => record.slice(0, record.length >> 1)],
  ['empty', () => new Uint8Array()],
  ['with a flipped bit at its end', (record) => record.with(-1, record.at(-1)! ^ 1)],
  ['of a newer version', (record) => record.with(0, 4)],
]

describe('a journal in the middle of a sync', () => {
  const commits = 20

  it.each(DAMAGES)('with any record %s is told of, and the sync ends right', async (_, damage) => {
    const backend = await begun(commits)
    const names = [...(await (await openMemoryStore(backend)).journal()).keys()]
    expect(names).toContain('target')
    expect(names.length).toBeGreaterThan(1)
    for (const name of names) {
      const store = await openMemoryStore(await copyBackend(backend))
      const record = (await store.journal()).get(name)!
      await store.commit({ journal: new Map([[name, damage(record)]]) })
      const faults: Fault[] = []
      const onFault = (fault: Fault) => faults.push(fault)
      const peers = new TestPeers({ honest: handler })
      await runSync({ store, verifier, onFault }, truth.root, peers, never)
      await truth.expectStored(store.completed)
      expect(faults[0]).toMatchObject({ code: 'JOURNAL' })
      expect(faults[0]!.message).toContain(`"${name}"`)
      expect(faults.map(({ code }) => code)).toEqual(['JOURNAL'])
    }
  })
})

it('the journal of a state that is complete holds the counts alone', async () => {
  const store = await openMemoryStore(await begun(Number.POSITIVE_INFINITY))
  expect([...(await store.journal()).keys()]).toEqual(['counts'])
})

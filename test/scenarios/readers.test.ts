import { beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../../src/base/bytes/hex.ts'
import { MemoryBackend } from '../../src/store/backend/MemoryBackend.ts'
import type { StoreBackend } from '../../src/store/backend/StoreBackend.ts'
import { PagedStore } from '../../src/store/PagedStore.ts'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { capped } from '../support/peers/handlers.ts'
import { servedStates } from '../support/peers/servedStates.ts'
import { TestPeers } from '../support/peers/TestPeers.ts'
import { codeOf, plainAccounts, type Sketches, slotsOf, stateOf } from '../support/sync/accounts.ts'
import type { StateTruth } from '../support/sync/StateTruth.ts'
import { SyncFixture } from '../support/sync/SyncFixture.ts'

let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

/** Heavy codes, as some 100 KB are healed in one transaction. */
const contracts = (seed: number, count: number): Sketches =>
  Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const slots = slotsOf(seed + index, 1 + ((7 * index) % 50))
      return [`contract ${index}`, { code: codeOf(seed + index, 20_000), slots }]
    }),
  )
const first = stateOf({ ...plainAccounts(100), ...contracts(1, 20) })
const second = stateOf({ ...plainAccounts(90, 2n), ...contracts(100, 25) })
const third = stateOf({ ...plainAccounts(100), ...contracts(101, 20) })
const empty = stateOf({})

/** The same database, which hears of each transaction that wrote, when it is through. */
function watched(inner: StoreBackend, onWritten: () => Promise<void>): StoreBackend {
  return {
    async transact(mode, work) {
      const result = await inner.transact(mode, work)
      if (mode === 'readwrite') await onWritten()
      return result
    },
    close: () => inner.close(),
  }
}

describe('readers', () => {
  it.each([
    ['through all of a heal', async (run: SyncFixture) => run.sync(second)],
    [
      'through heals that are given up',
      async (run: SyncFixture) => {
        await run.interrupt(second, ({ committed }) => committed?.codes !== undefined)
        await run.interrupt(third, ({ asked }) => asked?.kind === 'GetByteCodes')
        await run.sync(second)
      },
    ],
  ])('see one state as a whole, %s, and the next from one transaction on', async (_, heal) => {
    const inner = new MemoryBackend()
    // Another process reads, and keeps what it knows of the pages from one look to the next.
    const reader = new PagedStore(inner)
    const seen: string[] = []
    const backend = watched(inner, async () => {
      const completion = await reader.completion()
      const truth = [first, second].find(({ root }) => {
        return completion && toHex(root) === toHex(completion.root)
      })
      seen.push(completion ? toHex(completion.root) : 'none')
      await (truth ?? empty).expectStored(reader.completed, { formerCodes: true })
    })
    const peers = new TestPeers({ a: capped(servedStates(first, second, third), 60_000) })
    const run = new SyncFixture({ verifier, backend, peers })
    await run.sync(first)
    await heal(run)
    expect(seen.filter((root) => root === toHex(first.root)).length).toBeGreaterThan(5)
    const order = seen.filter((root, index) => root !== seen[index - 1])
    expect(order).toEqual(['none', toHex(first.root), toHex(second.root)])
    await run.expectComplete(second)
  })

  it('of this process see the same at every commit', async () => {
    const seen: StateTruth[] = []
    const peers = new TestPeers({ a: capped(servedStates(first, second), 60_000) })
    const run: SyncFixture = new SyncFixture({
      ...{ verifier, peers },
      onCommitted: async ({ complete }) => {
        const truth = complete ? second : (seen.at(-1) ?? first)
        if (seen.length > 0) await truth.expectStored(run.store.completed, { formerCodes: true })
        if (seen.length > 0) seen.push(truth)
      },
    })
    await run.sync(first)
    seen.push(first)
    await run.sync(second)
    expect(seen.length).toBeGreaterThan(4)
    await run.expectComplete(second)
  })
})

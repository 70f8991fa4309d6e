import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { HealTruth } from '../../../test/support/heal/HealTruth.ts'
import { heal, startHealer, versions } from '../../../test/support/heal/healCase.ts'
import { runHealer } from '../../../test/support/heal/runHealer.ts'
import { emptyRoot } from '../../account/emptyHashes.ts'
import { SeededRandom } from '../../served/changing/SeededRandom.ts'
import { stateHandler } from '../../snap/server/stateHandler.ts'
import { openMemoryStore } from '../../store/openMemoryStore.ts'
import type { StateStore, StoreBatch } from '../../store/StateStore.ts'

const ROUNDS = 10
const first = new SeededRandom().seed

/** Runs a test for many seeds, and names the one at which it fails. */
async function forSeeds(test: (random: SeededRandom) => Promise<void>): Promise<void> {
  for (let seed = first; seed < first + ROUNDS; seed++) {
    try {
      await test(new SeededRandom(seed))
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error })
    }
  }
}

const states = (random: SeededRandom, count: number) =>
  versions(random, count).map((accounts) => new HealTruth(accounts))

/**
 * Writes batches late: some wait for others, some are still being written when the healer
 * continues. Dies when told to.
 */
class SlowWriter {
  /** Batches that it takes before it dies. */
  left = Number.POSITIVE_INFINITY
  readonly #store: StateStore
  readonly #random: SeededRandom
  readonly #waiting: StoreBatch[] = []
  #last: Promise<unknown> = Promise.resolve()

  constructor(store: StateStore, random: SeededRandom) {
    this.#store = store
    this.#random = random
  }

  readonly write = async (batch: StoreBatch): Promise<boolean> => {
    this.#waiting.push(batch)
    while (this.#waiting.length > this.#random.below(4)) this.#writeNext()
    if (this.#random.below(2) === 0) await this.#last
    return this.left > 0
  }

  /** All that has been given is written, or nothing will be any more. */
  async end(): Promise<void> {
    while (this.#waiting.length > 0) this.#writeNext()
    await this.#last
  }

  #writeNext(): void {
    const batch = this.#waiting.shift()!
    if (this.left-- > 0) this.#last = this.#store.commit(batch)
  }
}

/**
 * Heals as the run loop may at its worst: answers in any order, requests given back, small and late
 * batches.
 */
async function healSlowly(
  store: StateStore,
  target: HealTruth,
  random: SeededRandom,
  batches = Number.POSITIVE_INFINITY,
) {
  const options = { batchBytes: random.pick([0, 500, 100_000]) }
  const healer = await startHealer(store, target.root, options)
  const writer = new SlowWriter(store, random)
  writer.left = batches
  const capacity = random.pick([1, 4, 2000])
  const requested: string[] = []
  const fractions: number[] = []
  const ended = await runHealer(healer, stateHandler(target.source()), {
    ...{ capacity, random, write: writer.write },
    onTaken: (paths) => {
      requested.push(...paths)
      fractions.push(healer.progress.fraction)
    },
  })
  await writer.end()
  return { healer, requested, fractions, ended: ended && writer.left >= 0 }
}

describe(`healing random states, seeds from ${first}`, () => {
  it('ends equal to each version in turn, after as many requests as nodes differ, however late batches are written', async () => {
    await forSeeds(async (random) => {
      const store = await openMemoryStore()
      let old: HealTruth | undefined
      for (const target of states(random, 4)) {
        const missing = await target.missingNodes(store)
        const { healer, requested, fractions } = await healSlowly(store, target, random)
        expect(await target.differences(store)).toEqual([])
        expect(requested.sort()).toEqual(missing)
        expect(healer.progress.fraction).toBe(1)
        expect(fractions).toEqual([...fractions].sort((a, b) => a - b))
        const { nodes, duplicates, unrequested } = healer.progress.healed
        expect([nodes, duplicates, unrequested]).toEqual([requested.length, 0, 0])
        expect(healer.progress.healing).toEqual({ nodes: 0, codes: 0 })
        for (const hash of changedAccounts(old, target)) expect(healer.touched).toContain(hash)
        old = target
      }
    })
  })

  it('ends equal to the last version when it dies after every batch, on its way to this state or another', async () => {
    await forSeeds(async (random) => {
      const store = await openMemoryStore()
      const truths = states(random, 4)
      if (random.below(4) > 0) await store.commit(truths[0]!.batch())
      const last = random.pick(truths)
      let target = random.pick(truths)
      for (let dead = 0; dead < 12; dead++) {
        const { ended } = await healSlowly(store, target, random, 1 + random.below(2))
        if (ended || random.below(3) === 0) target = random.pick(truths)
      }
      await healSlowly(store, last, random)
      expect(await last.differences(store)).toEqual([])
    })
  })

  it('fetches after every death what is not right, and nothing else', async () => {
    await forSeeds(async (random) => {
      const store = await openMemoryStore()
      const [before, target] = states(random, 2) as [HealTruth, HealTruth]
      await store.commit(before.batch())
      for (let left = 1; ; left += 2) {
        const missing = await target.missingNodes(store)
        const { requested, ended } = await healSlowly(store, target, random, left)
        if (!ended) continue
        expect(requested.sort()).toEqual(missing)
        break
      }
      expect(await target.differences(store)).toEqual([])
    })
  })
})

/** Accounts of the target that are not as they were: leaf, storage or code. */
function changedAccounts(old: HealTruth | undefined, target: HealTruth): string[] {
  return target.accounts
    .map(({ hash }) => bytesToHex(hash))
    .filter((hash) => old?.leaves.get(hash) !== target.leaves.get(hash))
}

describe('healing', () => {
  it('of the empty state clears everything at once', async () => {
    const random = new SeededRandom(first)
    const store = await openMemoryStore()
    await store.commit(states(random, 1)[0]!.batch())
    const healer = await startHealer(store, emptyRoot())
    expect(healer.pending).toBe(0)
    await store.commit(healer.rest()!)
    expect(await new HealTruth([]).differences(store)).toEqual([])
    expect(healer.progress.fraction).toBe(1)
    expect(healer.rest()).toBeUndefined()
  })

  it('of the state that is stored asks for nothing', async () => {
    const [target] = states(new SeededRandom(first), 1) as [HealTruth]
    const store = await openMemoryStore()
    await store.commit(target.batch())
    const healer = await startHealer(store, target.root)
    expect([healer.pending, healer.progress.fraction]).toEqual([0, 1])
    expect(healer.works.map((work) => work.assign(1))).toEqual([undefined, undefined])
    expect(healer.rest()).toBeUndefined()
  })

  it('of a state of one account asks for one node', async () => {
    const hash = new Uint8Array(32).fill(7)
    const none = new Uint8Array()
    const target = new HealTruth([{ hash, nonce: 1n, balance: 2n, code: none, storage: [] }])
    const store = await openMemoryStore()
    const healer = await heal(store, target)
    expect(healer.progress.healed.nodes).toBe(1)
    expect(await target.differences(store)).toEqual([])
  })
})

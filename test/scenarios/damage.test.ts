import 'fake-indexeddb/auto'
import { openDB } from 'idb'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { toHex } from '../../src/base/bytes/hex.ts'
import { createStateSync } from '../../src/client/createStateSync.ts'
import type { StateSyncHandle } from '../../src/client/StateSyncHandle.ts'
import { SeededRandom } from '../../src/served/changing/SeededRandom.ts'
import { stateHandler } from '../../src/snap/server/stateHandler.ts'
import { databaseName } from '../../src/store/databaseName.ts'
import { statePeers } from '../../src/testing/statePeers.ts'
import { syntheticAccounts } from '../../src/testing/syntheticAccounts.ts'
import { StateTruth } from '../support/sync/StateTruth.ts'

// Single records of a complete state changed behind the store: no wrong answer comes of it, ever.
// What is found is told as STORE_CORRUPT, takes the state away in every tab, and the next start
// fetches it again without a reset.

const entries = [...syntheticAccounts({ seed: 29, accounts: 1_400, contracts: 0.1, maxSlots: 40 })]
const truth = new StateTruth(entries)
const { stateRoot } = truth.state
const chain = { id: 1, genesisHash: `0x${'11'.repeat(32)}` } as const
const identity = { chainId: chain.id, genesisHash: new Uint8Array(32).fill(0x11) }
const contracts = entries.filter(({ code, storage }) => code.length > 0 && storage.length > 0)

type Table = 'accounts' | 'slots' | 'codes' | 'meta'
type Records = [key: Uint8Array, value: Uint8Array][]
/** What becomes of the record at a place; `undefined`: it is gone. */
type Damage = (records: Records, at: number, random: SeededRandom) => Uint8Array | undefined

const DAMAGES: Record<string, Damage> = {
  'with a flipped bit': (records, at, random) => {
    const value = records[at]![1]
    const bit = random.below(value.length * 8)
    return value.with(bit >> 3, value[bit >> 3]! ^ (1 << (bit & 7)))
  },
  'that is gone': () => undefined,
  'with the value of another': (records, at) => records[(at + 1) % records.length]![1],
  'cut off': (records, at, random) =>
    records[at]![1].slice(0, random.below(records[at]![1].length)),
  'with bytes behind it': (records, at) => Uint8Array.of(...records[at]![1], 0),
  'of noise': (records, at, random) => random.bytes(records[at]![1].length),
}

const open: StateSyncHandle[] = []
afterEach(async () => {
  for (const sync of open.splice(0)) await sync.close()
})

async function handle(name: string, withPeers = true): Promise<StateSyncHandle> {
  const handler = stateHandler(truth.state.source)
  const peers = withPeers ? { peers: statePeers([handler, handler]) } : {}
  const sync = await createStateSync({ chain, trust: stateRoot, store: { name }, ...peers })
  open.push(sync)
  return sync
}

let copies: Map<Table, Records>

/** The records of a complete state, which each test writes into a database of its own. */
beforeAll(async () => {
  const sync = await handle('origin')
  await sync.start()
  await sync.ready()
  await sync.close()
  copies = new Map()
  const database = await openDB(databaseName(identity, 'origin'))
  for (const table of ['accounts', 'slots', 'codes', 'meta', 'journal'] as Table[]) {
    const keys = (await database.getAllKeys(table)) as Uint8Array[]
    const values = (await database.getAll(table)) as Uint8Array[]
    copies.set(
      table,
      keys.map((key, index) => [new Uint8Array(key), values[index]!]),
    )
  }
  database.close()
})

let databases = 0

/** A database with the complete state, and the name of its store. */
async function restored(): Promise<string> {
  const name = `copy ${databases++}`
  const first = await createStateSync({ chain, trust: stateRoot, store: { name } })
  await first.close()
  await change(name, async (put) => {
    for (const [table, records] of copies) for (const record of records) await put(table, ...record)
  })
  return name
}

async function change(
  name: string,
  work: (
    put: (table: Table, key: Uint8Array, value?: Uint8Array) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  const database = await openDB(databaseName(identity, name))
  await work(async (table, key, value) => {
    if (value === undefined) await database.delete(table, key as Uint8Array<ArrayBuffer>)
    else await database.put(table, value, key as Uint8Array<ArrayBuffer>)
  })
  database.close()
}

/**
 * Reads much of the state. @returns the codes of the errors; every answer that comes is the truth
 */
async function readAll(sync: StateSyncHandle): Promise<Set<string>> {
  const failed = new Set<string>()
  const ask = async <Value>(answer: Promise<{ value: Value }>, wanted: Value) => {
    const outcome = await answer.then(
      ({ value }) => ({ value }),
      (error) => void failed.add(error.code),
    )
    if (outcome) expect(outcome.value).toEqual(wanted)
  }
  for (const { name, code, storage } of contracts.slice(0, 60)) {
    await ask(sync.getCode(name), toHex(code))
    for (const [slot, value] of storage.slice(0, 3)) {
      await ask(sync.getStorage(name, toHex(slot)), `0x${value.toString(16).padStart(64, '0')}`)
    }
  }
  for (const { name, balance } of entries) {
    const wanted = sync.getAccount(name).then(({ value }) => ({ value: value?.balance }))
    await ask(wanted, balance)
  }
  return failed
}

const FOUND = new Set(['STORE_CORRUPT', 'STATE_INCOMPLETE'])

/** No wrong answer, and a start that mends. */
async function expectMended(name: string): Promise<boolean> {
  const sync = await handle(name)
  const failed = await readAll(sync)
  expect([...failed].filter((code) => !FOUND.has(code))).toEqual([])
  let isFound = failed.size > 0 || sync.status !== 'complete'
  if (!isFound) {
    // Nothing that was read is damaged; an audit looks at all the rest.
    isFound = await sync.audit().then(
      () => false,
      ({ code }) => ['STORE_CORRUPT', 'AUDIT'].includes(code),
    )
  }
  if (isFound) expect(sync.status).not.toBe('complete')
  await sync.start()
  await sync.ready()
  expect(sync.status).toBe('complete')
  expect(await readAll(sync)).toEqual(new Set())
  expect((await sync.audit()).root).toBe(stateRoot)
  await sync.close()
  return isFound
}

describe.each<Table>(['accounts', 'slots', 'codes', 'meta'])('a record of %s', (table) => {
  it.each(Object.entries(DAMAGES))(
    '%s gives no wrong answer, and is fetched anew',
    async (_, damage) => {
      const random = new SeededRandom(7)
      const records = copies.get(table)!
      const name = await restored()
      const at = random.below(records.length)
      const [key, value] = records[at]!
      const changed = damage(records, at, random)
      const isSame = changed !== undefined && changed.join() === value.join()
      await change(name, (put) => put(table, key, changed))
      expect(await expectMended(name)).toBe(!isSame)
    },
  )
})

describe('damage', () => {
  it('of any record in any way is found before it gives a wrong answer', async () => {
    const seed = Number(process.env.DAMAGE_SEED ?? 3)
    const random = new SeededRandom(seed)
    for (let round = 0; round < 12; round++) {
      const table = random.pick<Table>(['accounts', 'slots', 'codes', 'meta'])
      const records = copies.get(table)!
      const at = random.below(records.length)
      const [way, damage] = random.pick(Object.entries(DAMAGES))
      const name = await restored()
      const changed = damage(records, at, random)
      await change(name, (put) => put(table, records[at]![0], changed))
      await expectMended(name).catch((error) => {
        throw new Error(`seed ${seed}, round ${round}: ${table} ${at} ${way}`, { cause: error })
      })
    }
  })

  it('that is found in one tab ends the answers of another', async () => {
    const name = await restored()
    const [here, there] = [await handle(name, false), await handle(name, false)]
    expect(await there.getAccount(entries[0]!.name)).toMatchObject({ stateRoot })
    const told = new Promise<void>((resolve) => {
      there.addEventListener('status', ({ detail }) => detail.status === 'complete' || resolve())
    })
    await change(name, async (put) => {
      for (const [key, value] of copies.get('accounts')!)
        await put('accounts', key, value.with(-1, 9))
    })
    await expect(here.audit()).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
    expect(here.status).toBe('failed')
    await told
    const late = there.getAccount(entries[0]!.name)
    await expect(late).rejects.toMatchObject({ code: 'STATE_INCOMPLETE' })
  })

  it('of a code is never answered again by a handle that read it before', async () => {
    const name = await restored()
    const sync = await handle(name)
    const { name: address, code } = contracts[0]!
    expect((await sync.getCode(address)).value).toBe(toHex(code))
    await change(name, async (put) => {
      for (const [key, value] of copies.get('codes')!)
        await put('codes', key, value.with(0, value[0]! ^ 1))
    })
    await expect(sync.audit()).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
    await expect(sync.getCode(address)).rejects.toMatchObject({ code: 'STATE_INCOMPLETE' })
    await sync.start()
    await sync.ready()
    expect((await sync.getCode(address)).value).toBe(toHex(code))
  })
})

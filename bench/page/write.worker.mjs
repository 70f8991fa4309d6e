import { deleteDB, openDB } from 'idb'
import { packLeaves } from '../../dist/leaves/packLeaves.js'
import { openIndexedDbStore } from '../../dist/store/IndexedDbStore.js'

/** Accounts of one transaction. */
const BATCH = 10_000
/** Transactions of one sample: a record costs so much more that a tenth of them is enough. */
const PAGE_BATCHES = 10
const RECORD_BATCHES = 1
/** With its key, an account has 112 bytes. */
const VALUE_BYTES = 80

addEventListener('message', async ({ data: { rounds } }) => {
  /** @type {Record<string, number[]>} */
  const samples = { pages: [], records: [] }
  for (let round = 0; round <= rounds; round++) {
    const pages = await timed(PAGE_BATCHES, `pages-${round}`, writePages)
    const records = await timed(RECORD_BATCHES, `records-${round}`, writeRecords)
    if (round === 0) continue
    samples.pages?.push(pages)
    samples.records?.push(records)
  }
  postMessage(samples)
})

/**
 * @param {number} batches
 * @param {string} name of a database that is not there yet
 * @param {(name: string, batches: ReturnType<typeof makeBatches>) => Promise<void>} write
 * @returns accounts per second
 */
async function timed(batches, name, write) {
  const made = makeBatches(batches)
  const start = performance.now()
  await write(name, made)
  const perSecond = (batches * BATCH * 1000) / (performance.now() - start)
  for (const { name } of await indexedDB.databases()) if (name) await deleteDB(name)
  return perSecond
}

/** Ranges of accounts, each behind the one before, as a task of a sync delivers them. */
function makeBatches(/** @type {number} */ batches) {
  const count = batches * BATCH
  return Array.from({ length: batches }, (_, batch) => {
    const entries = Array.from({ length: BATCH }, (_, index) => {
      const entry = crypto.getRandomValues(new Uint8Array(32 + VALUE_BYTES))
      const place = Math.floor(((batch * BATCH + index) / count) * 2 ** 32)
      new DataView(entry.buffer).setUint32(0, place)
      return /** @type {const} */ ([entry.subarray(0, 32), entry.subarray(32)])
    })
    return { entries, leaves: packLeaves(entries) }
  })
}

async function writePages(
  /** @type {string} */ name,
  /** @type {ReturnType<typeof makeBatches>} */ batches,
) {
  const identity = { chainId: 1, genesisHash: new Uint8Array(32) }
  const store = await openIndexedDbStore({ identity, name })
  for (const { leaves } of batches) await store.commit({ accounts: leaves })
  await store.close()
}

async function writeRecords(
  /** @type {string} */ name,
  /** @type {ReturnType<typeof makeBatches>} */ batches,
) {
  const database = await openDB(name, 1, {
    upgrade: (database) => void database.createObjectStore('accounts'),
  })
  for (const { entries } of batches) {
    const { store, done } = database.transaction('accounts', 'readwrite', { durability: 'relaxed' })
    for (const [key, value] of entries) void store.put(value.slice(), key.slice())
    await done
  }
  database.close()
}

import { deleteDB, openDB } from 'idb'
import { packLeaves } from '../../dist/leaves/packLeaves.js'
import { openIndexedDbStore } from '../../dist/store/openIndexedDbStore.js'

/** Accounts of one transaction. */
const BATCH = 10_000
/** Transactions of one sample: a record costs so much more that a fifth of them is enough. */
const BATCHES = { pages: 10, records: 2 }
/** With its key, an account has 112 bytes. */
const VALUE_BYTES = 80

addEventListener('message', async ({ data: { contender } }) => {
  const count = BATCHES[/** @type {keyof typeof BATCHES} */ (contender)]
  const { write, close } = contender === 'pages' ? await pages(count) : await records(count)
  const start = performance.now()
  await write()
  const perSecond = (count * BATCH * 1000) / (performance.now() - start)
  await close()
  for (const { name } of await indexedDB.databases()) if (name) await deleteDB(name)
  postMessage(perSecond)
})

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
    return entries
  })
}

async function pages(/** @type {number} */ count) {
  // Packed, as an answer is read: without an object for each.
  const batches = makeBatches(count).map((entries) => packLeaves(entries))
  const identity = { chainId: 1, genesisHash: new Uint8Array(32) }
  const store = await openIndexedDbStore({ identity, name: 'pages' })
  return {
    async write() {
      for (const accounts of batches) await store.commit({ accounts })
    },
    close: () => store.close(),
  }
}

async function records(/** @type {number} */ count) {
  const batches = makeBatches(count).map((entries) => {
    return entries.map(([key, value]) => /** @type {const} */ ([key.slice(), value.slice()]))
  })
  const database = await openDB('records', 1, {
    upgrade: (database) => void database.createObjectStore('accounts'),
  })
  return {
    async write() {
      for (const entries of batches) {
        const options = /** @type {const} */ ({ durability: 'relaxed' })
        const { store, done } = database.transaction('accounts', 'readwrite', options)
        for (const [key, value] of entries) void store.put(value, key)
        await done
      }
    },
    close: () => database.close(),
  }
}

import { Session } from 'node:inspector/promises'
import { expect, it } from 'vitest'
import { fromHex } from '../src/base/bytes/hex.ts'
import type { Leaves } from '../src/leaves/Leaves.ts'
import { packLeaves } from '../src/leaves/packLeaves.ts'
import { SeededRandom } from '../src/served/changing/SeededRandom.ts'
import { memoryState } from '../src/served/memoryState.ts'
import { encodeMessage } from '../src/snap/encodeMessage.ts'
import type { SnapRequest } from '../src/snap/SnapMessage.ts'
import { stateHandler } from '../src/snap/server/stateHandler.ts'
import { verifyAccounts } from '../src/snap/verify/verifyAccounts.ts'
import { verifySlots } from '../src/snap/verify/verifySlots.ts'
import { openMemoryStore } from '../src/store/openMemoryStore.ts'
import type { StoreBatch } from '../src/store/StateStore.ts'
import { syntheticAccounts } from '../src/testing/syntheticAccounts.ts'
import { createVerifier } from '../src/verifier/createVerifier.ts'
import { answerFrame } from './support/snap/answerFrame.ts'

// What the speed of a sync rests upon: from the bytes of an answer to the pages of the store, no
// object is made for a plain account or a slot. A page has some, and there is one page for some
// hundred leaves.

/**
 * Objects of one page: its key and its prefix, what is read and written of it, promises. Some 85
 * are made.
 */
const PER_PAGE = 150
const SMALLEST_PAGE = 16 * 1024

const random = new SeededRandom(3)
const hash = random.bytes(32)
const storage = Array.from({ length: 8_000 }, () => [random.bytes(32), 1n << 200n] as const)
const large = { name: 'large', hash, balance: 1n, nonce: 1n, code: new Uint8Array(), storage }
const state = memoryState([...syntheticAccounts({ seed: 2, accounts: 8_000, contracts: 0 }), large])
const root = fromHex(state.stateRoot, 'root', 32)
const handler = stateHandler(state.source)
const verifier = await createVerifier()
const FIRST = new Uint8Array(32)
const LAST = new Uint8Array(32).fill(0xff)
const RANGE = { id: 1n, root, origin: FIRST, limit: LAST } as const

/** How many objects V8 makes meanwhile. */
async function objectsOf(run: () => Promise<unknown>): Promise<number> {
  const session = new Session()
  session.connect()
  await session.post('HeapProfiler.enable')
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: 1,
    ...{ includeObjectsCollectedByMajorGC: true, includeObjectsCollectedByMinorGC: true },
  })
  await run()
  const { profile } = await session.post('HeapProfiler.stopSampling')
  // Node's types do not know of it.
  const { samples } = profile as unknown as { samples: readonly unknown[] }
  session.disconnect()
  return samples.length
}

/** Of an answer that is proven and stored: objects, leaves and pages. */
async function measure(request: SnapRequest, prove: (frame: Uint8Array) => StoreBatch) {
  const frame = encodeMessage(await handler(request))
  const store = await openMemoryStore()
  let batch: StoreBatch = {}
  const objects = await objectsOf(async () => {
    batch = prove(frame)
    await store.commit(batch)
  })
  const leaves = (batch.accounts?.count ?? 0) + (batch.slots?.count ?? 0)
  return { objects, leaves, pages: frame.length / SMALLEST_PAGE }
}

function proveRange(frame: Uint8Array): StoreBatch {
  const claim = { root, origin: FIRST, last: LAST }
  return { accounts: verifyAccounts(answerFrame(frame), claim, verifier)!.accounts }
}

function proveStorage(frame: Uint8Array): StoreBatch {
  const contracts = [{ accountHash: hash, storageRoot }]
  return {
    slots: verifySlots(answerFrame(frame), { contracts, chunk: undefined }, verifier)!.slots,
  }
}

const { contracts } = verifyAccounts(
  answerFrame(
    encodeMessage(await handler({ ...RANGE, kind: 'GetAccountRange', origin: hash, bytes: 1 })),
  ),
  { root, origin: hash, last: LAST },
  verifier,
)!
const storageRoot = contracts[0]!.storageRoot!

it.each([
  ['an account', { ...RANGE, kind: 'GetAccountRange' }, proveRange],
  ['a slot', { ...RANGE, kind: 'GetStorageRanges', accounts: [hash] }, proveStorage],
] as const)('%s makes no object on its way from an answer to a page', async (_, request, prove) => {
  // The first one loads what is loaded once.
  await measure({ ...request, bytes: 20_000 }, prove)
  const few = await measure({ ...request, bytes: 20_000 }, prove)
  const many = await measure({ ...request, bytes: 280_000 }, prove)
  expect(many.leaves - few.leaves).toBeGreaterThan(3_500)
  expect(many.objects - few.objects).toBeLessThan((many.pages - few.pages) * PER_PAGE)
  expect(many.objects - few.objects).toBeLessThan((many.leaves - few.leaves) / 2)
})

/** Slots of many contracts, one of each, and every other of them. */
function oneEach(contracts: number, isOdd: boolean): Leaves {
  const keys = Array.from({ length: contracts }, (_, index) => {
    const key = new Uint8Array(64).fill(3)
    new DataView(key.buffer).setUint32(0, (2 * index + Number(isOdd)) << 16)
    return key
  })
  return packLeaves(
    keys.map((key) => [key, new Uint8Array(20).fill(1)]),
    64,
  )
}

it('a slot makes no object where it falls between others', async () => {
  const measure = async (contracts: number) => {
    const store = await openMemoryStore()
    await store.commit({ slots: oneEach(contracts, false) })
    const slots = oneEach(contracts, true)
    return objectsOf(() => store.commit({ slots }))
  }
  await measure(300)
  const [few, many] = [await measure(300), await measure(4_300)]
  // Ninety bytes each, in pages that were there and in pages that come of them.
  const pages = (2 * 4_000 * 90) / SMALLEST_PAGE
  expect(many - few).toBeLessThan(2 * pages * PER_PAGE)
})

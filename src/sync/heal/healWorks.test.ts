import { bytesToHex } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { HealTruth } from '../../../test/support/heal/HealTruth.ts'
import { startHealer, verifier, versions } from '../../../test/support/heal/healCase.ts'
import { connect, runHealer } from '../../../test/support/heal/runHealer.ts'
import type { TruthAccount } from '../../../test/support/heal/SyncTruth.ts'
import { SeededRandom } from '../../served/changing/SeededRandom.ts'
import { answerLimits } from '../../snap/answerLimits.ts'
import type { ByteCodes, PathSet, SnapRequest } from '../../snap/SnapMessage.ts'
import type { SnapHandler } from '../../snap/server/serveSnap.ts'
import { stateHandler } from '../../snap/server/stateHandler.ts'
import { StoreFailedError } from '../../store/errors.ts'
import { openMemoryStore } from '../../store/openMemoryStore.ts'
import type { StoreBatch } from '../../store/StateStore.ts'
import type { LeafPages } from '../../trie/derived/LeafPages.ts'
import { DerivedState } from '../audit/DerivedState.ts'
import type { HealCodesRequest, HealCodesWork } from './HealCodesWork.ts'
import type { HealNodesRequest, HealNodesWork } from './HealNodesWork.ts'
import { toPathSets } from './scheduler/paths/toPathSets.ts'
import type { TrieHealer } from './TrieHealer.ts'

const random = new SeededRandom()

/** 2,000 accounts: every second with three slots, every fourth with a code of its own. */
const accounts = Array.from({ length: 2000 }, (_, index): TruthAccount => {
  const storage = Array.from({ length: index % 2 === 0 ? 3 : 0 }, () => {
    return [random.bytes(32), random.bytes(33)] as const
  })
  const code = index % 4 === 0 ? Uint8Array.of(index >> 8, index, 1) : new Uint8Array()
  return { hash: random.bytes(32), nonce: 1n, balance: 2n, code, storage }
})
const target = new HealTruth(accounts)
const honest = stateHandler(target.source())

interface Works {
  healer: TrieHealer
  nodes: HealNodesWork
  codes: HealCodesWork
}

/** A healer of an empty store, whose tasks are not fetched yet. */
async function begin(options: Parameters<typeof startHealer>[2] = {}): Promise<Works> {
  const healer = await startHealer(await openMemoryStore(), target.root, options)
  const [nodes, codes] = healer.works as [HealNodesWork, HealCodesWork]
  return { healer, nodes, codes }
}

/** Fetches level by level until more nodes wait than one request can ask for. */
async function widen({ nodes }: Works): Promise<void> {
  const client = connect(honest)
  const requests = [nodes.assign(1)!]
  while (requests.length > 0) {
    for (const request of requests.splice(0)) {
      await nodes.accept(request, await nodes.send(client, request))
    }
    // Depth first as the scheduler goes, a request for all that is open is one for the whole level.
    const next = nodes.assign(1024)!
    if (next.nodes.length === 1024) {
      nodes.revert(next)
      break
    }
    requests.push(next)
  }
  client.close()
}

const namesOf = (request: HealNodesRequest) => request.nodes.map(({ path }) => path.join())

describe(`requests for nodes, seed ${random.seed}`, () => {
  it('begin with the root, and ask for one node at least and 1024 at most', async () => {
    const works = await begin()
    const { nodes } = works
    const root = nodes.assign(2000)!
    expect(root.paths).toEqual([[Uint8Array.of(0)]])
    expect(nodes.assign(2000)).toBeUndefined()
    nodes.revert(root)
    await widen(works)
    for (const [capacity, size] of [
      [2000, 1024],
      [0, 1],
      [7, 7],
    ]) {
      const request = nodes.assign(capacity!)!
      expect(request.nodes).toHaveLength(size!)
      nodes.revert(request)
    }
  })

  it('are sorted and merged into path sets', async () => {
    const works = await begin()
    const { nodes } = works
    await widen(works)
    const client = connect(honest)
    let merged = 0
    for (let round = 0; round < 4; round++) {
      const request = nodes.assign(1024)!
      expect(request.paths).toEqual(toPathSets([...request.nodes].reverse()).sets)
      merged += request.paths.filter((set) => set.length > 2).length
      await nodes.accept(request, await nodes.send(client, request))
    }
    expect(merged).toBeGreaterThan(0)
    client.close()
  })

  it('name each node once, and again what was given back, first', async () => {
    const works = await begin()
    const { nodes } = works
    await widen(works)
    const [a, b] = [nodes.assign(100)!, nodes.assign(100)!]
    expect(new Set([...namesOf(a), ...namesOf(b)]).size).toBe(200)
    nodes.revert(a)
    expect(namesOf(nodes.assign(100)!)).toEqual(namesOf(a))
    nodes.revert(b)
    expect(namesOf(nodes.assign(100)!)).toEqual(namesOf(b))
  })

  it('become smaller while more has come than can be taken in', async () => {
    // Each look at the clock is 10 s after the last, so that some ten nodes are taken in per
    // second.
    let time = 0
    const works = await begin({ now: () => (time += 10_000) })
    const { nodes } = works
    await widen(works)
    const client = connect(honest)
    const waiting = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const request = nodes.assign(100)!
        return { request, answer: await nodes.send(client, request) }
      }),
    )
    const { request, answer } = waiting.pop()!
    await nodes.accept(request, answer)
    const throttled = nodes.assign(100)!
    expect(throttled.nodes).toHaveLength(75)
    nodes.revert(throttled)
    // Those that waited are given up: nothing holds requests back any more.
    for (const { request } of waiting) nodes.revert(request)
    const last = nodes.assign(100)!
    await nodes.accept(last, await nodes.send(client, last))
    expect(nodes.assign(100)!.nodes).toHaveLength(93)
    client.close()
  })
})

/** What a peer makes of the nodes of an honest answer. */
type Change = (nodes: Uint8Array[], request: HealNodesRequest) => readonly Uint8Array[]

const flip = (node: Uint8Array) =>
  node.map((byte, at) => (at === node.length - 1 ? byte ^ 1 : byte))

describe('answers with nodes', () => {
  /** Gives a changed answer to a request for 50 nodes. */
  async function give(change: Change) {
    const works = await begin({ batchBytes: 0 })
    await widen(works)
    const request = works.nodes.assign(50)!
    const asked = namesOf(request)
    const client = connect(honest)
    const answer = await works.nodes.send(client, request)
    client.close()
    const before = works.healer.progress
    const nodes = change([...answer.nodes], request)
    const result = Promise.resolve(works.nodes.accept(request, { ...answer, nodes }))
    return { works, request, asked, result, before }
  }

  it.each<[string, Change]>([
    ['with one bit flipped', (nodes) => nodes.map((node, at) => (at === 9 ? flip(node) : node))],
    ['in another order', (nodes) => nodes.toReversed()],
    ['that come twice', (nodes) => [...nodes, nodes[0]!]],
    ['that nobody asked for', (nodes) => [...nodes, Uint8Array.of(0xc0)]],
    ['cut short', (nodes) => nodes.map((node) => node.slice(0, -1))],
    ['of another state', (nodes) => nodes.map(() => Uint8Array.of(1, 2, 3))],
  ])('are refused %s, and change nothing', async (_, change) => {
    const { works, request, asked, result, before } = await give(change)
    await expect(result).rejects.toMatchObject({
      ...{ code: 'NODE_MISMATCH', name: 'NodeMismatchError' },
      message: expect.stringMatching(
        /^delivered trie node hashes to 0x[0-9a-f]{64}, which was not/,
      ),
    })
    expect(works.healer.progress).toEqual(before)
    works.nodes.revert(request)
    expect(namesOf(works.nodes.assign(50)!)).toEqual(asked)
  })

  it.each<[string, Change, (at: number) => boolean]>([
    ['the end is left out', (nodes) => nodes.slice(0, 20), (at) => at >= 20],
    ['the beginning is left out', (nodes) => nodes.slice(20), (at) => at < 20],
    [
      'some are empty',
      (nodes) => nodes.map((node, at) => (at % 3 > 0 ? node : new Uint8Array())),
      (at) => at % 3 === 0,
    ],
    [
      'all but one are empty',
      (nodes) => nodes.map((node, at) => (at === 7 ? node : new Uint8Array())),
      (at) => at !== 7,
    ],
  ])(
    'are taken in where %s, and the rest is asked for again, first',
    async (_, change, missing) => {
      const { works, asked, result } = await give(change)
      expect(await result).toBeDefined()
      const rest = asked.filter((_, at) => missing(at))
      expect(works.healer.progress.healed.nodes).toBeGreaterThanOrEqual(asked.length - rest.length)
      expect(namesOf(works.nodes.assign(rest.length)!).sort()).toEqual(rest.sort())
    },
  )

  it.each<[string, Change]>([
    ['nothing in them', () => []],
    ['empty nodes only', (nodes) => nodes.map(() => new Uint8Array())],
  ])('with %s tell that the peer has nothing, and give the request back', async (_, change) => {
    const { works, asked, result, before } = await give(change)
    expect(await result).toBeUndefined()
    expect(works.healer.progress).toEqual(before)
    expect(namesOf(works.nodes.assign(50)!)).toEqual(asked)
  })

  it('that are given twice are counted, and change nothing', async () => {
    const { works, request, result } = await give((nodes) => nodes)
    await result
    const { healed } = works.healer.progress
    const client = connect(honest)
    await works.nodes.accept(request, await works.nodes.send(client, request))
    client.close()
    const again = works.healer.progress.healed
    expect(again).toMatchObject({ nodes: healed.nodes, nodeBytes: healed.nodeBytes })
    // Branches wait for what is below them; leaves are committed.
    expect(again.duplicates + again.unrequested).toBe(50)
  })
})

describe('codes', () => {
  /** Takes in nodes until codes wait. */
  async function toCodes(): Promise<Works> {
    const works = await begin({ batchBytes: 0 })
    const client = connect(honest)
    while (works.healer.progress.healing.codes < 200) {
      const request = works.nodes.assign(1024)!
      await works.nodes.accept(request, await works.nodes.send(client, request))
    }
    client.close()
    return works
  }
  const hexOf = ({ hashes }: HealCodesRequest) => hashes.map(bytesToHex)
  const codesOf = (request: HealCodesRequest) =>
    hexOf(request).map((hash) => target.truth.codes.get(hash)!)
  const answer = (codes: readonly Uint8Array[]): ByteCodes => ({ kind: 'ByteCodes', id: 1n, codes })

  it('are asked for by up to 84, each once', async () => {
    const { codes } = await toCodes()
    for (const [capacity, size] of [
      [0, 1],
      [10, 10],
    ]) {
      const request = codes.assign(capacity!)!
      expect(request.hashes).toHaveLength(size!)
      codes.revert(request)
    }
    const [a, b] = [codes.assign(100)!, codes.assign(100)!]
    expect(a.hashes).toHaveLength(84)
    expect(new Set([...hexOf(a), ...hexOf(b)]).size).toBe(a.hashes.length + b.hashes.length)
    codes.revert(a)
    expect(hexOf(codes.assign(84)!)).toEqual(hexOf(a))
  })

  it('are taken in, and those that are missing asked for again, first', async () => {
    const { healer, codes } = await toCodes()
    const request = codes.assign(10)!
    const some = codesOf(request).filter((_, at) => at % 2 === 0)
    expect(await codes.accept(request, answer(some))).toBeDefined()
    expect(healer.progress.healed).toMatchObject({ codes: 5, codeBytes: 15 })
    const rest = hexOf(request).filter((_, at) => at % 2 > 0)
    expect(hexOf(codes.assign(5)!)).toEqual(rest)
  })

  it('of other contracts, out of order or twice are refused', async () => {
    const { healer, codes } = await toCodes()
    const request = codes.assign(10)!
    const all = codesOf(request)
    for (const wrong of [
      all.toReversed(),
      [...all, all[0]!],
      [Uint8Array.of(9)],
      [new Uint8Array(), ...all],
    ]) {
      await expect(codes.accept(request, answer(wrong))).rejects.toMatchObject({
        code: 'CODE_MISMATCH',
      })
    }
    expect(healer.progress.healed.codes).toBe(0)
    codes.revert(request)
    expect(hexOf(codes.assign(10)!)).toEqual(hexOf(request))
  })

  it('that a peer does not have tell that it has nothing', async () => {
    const { codes } = await toCodes()
    const request = codes.assign(10)!
    expect(await codes.accept(request, answer([]))).toBeUndefined()
    expect(hexOf(codes.assign(10)!)).toEqual(hexOf(request))
  })
})

describe('a healer', () => {
  it('heals with a peer of short answers, and never asks for more than an answer may hold', async () => {
    const short: SnapHandler = (request: SnapRequest) => {
      expect(answerLimits(request).items).toBeLessThanOrEqual(1024)
      return honest({ ...request, bytes: Math.min(request.bytes, 40_000) })
    }
    const store = await openMemoryStore()
    const healer = await startHealer(store, target.root)
    const sizes: number[] = []
    const write = async (batch: StoreBatch) => {
      const { accounts, slots } = batch
      sizes.push((accounts?.values.length ?? 0) + (slots?.values.length ?? 0))
      await store.commit(batch)
      return true
    }
    await runHealer(healer, short, { write })
    expect(await target.differences(store)).toEqual([])
    const { nodes, accounts, slots, codes } = healer.progress.healed
    expect(nodes).toBe(target.truth.nodes.size)
    expect([accounts, slots, codes]).toEqual([2000, 3000, target.truth.codes.size])
    // A batch holds about 100 KiB of nodes and leaves together.
    expect(sizes.length).toBeGreaterThan(5)
    expect(Math.max(...sizes)).toBeLessThan(120 * 1024)
  })

  it('goes on after a store that failed in the middle of an answer', async () => {
    let failures = 0
    for (let round = 0; round < 20; round++) {
      const random = new SeededRandom(round)
      const [before, after] = versions(random, 2).map((state) => new HealTruth(state))
      const store = await openMemoryStore()
      await store.commit(before!.batch())
      const mayFail = () => {
        if (random.below(5) > 0) return
        failures++
        throw new StoreFailedError('out of order')
      }
      const { working } = store
      const pages = {
        accountPages: () => flaky(working.accountPages(), mayFail),
        slotPages: (account: Uint8Array) => flaky(working.slotPages(account), mayFail),
      }
      const view = {
        async hasCodes(hashes: readonly Uint8Array[]) {
          mayFail()
          return working.hasCodes(hashes)
        },
      }
      const options = { view, derived: new DerivedState(pages, verifier), batchBytes: 100 }
      const healer = await retried(() => startHealer(store, after!.root, options))
      const client = connect(stateHandler(after!.source()))
      const batches: StoreBatch[] = []
      while (healer.pending > 0) {
        for (const work of healer.works) {
          const request = work.assign(5)
          if (request === undefined) continue
          const answer = await work.send(client, request)
          try {
            batches.push((await work.accept(request, answer))!)
          } catch (error) {
            expect(error).toBeInstanceOf(StoreFailedError)
            work.revert(request)
          }
          // Written late, so that what was in process twice is asked for between.
          if (batches.length > 3) await store.commit(batches.shift()!)
        }
      }
      client.close()
      for (const batch of batches) await store.commit(batch)
      const last = healer.rest()
      if (last !== undefined) await store.commit(last)
      expect(await after!.differences(store), `seed ${round}`).toEqual([])
      // What was taken in before it failed is not asked for again.
      const { duplicates, unrequested } = healer.progress.healed
      expect([duplicates, unrequested]).toEqual([0, 0])
    }
    expect(failures).toBeGreaterThan(20)
  })
})

/** The same pages, which now and then cannot be read. */
function flaky(pages: LeafPages, mayFail: () => void): LeafPages {
  return {
    keySize: pages.keySize,
    get version() {
      return pages.version
    },
    changesSince: (version) => pages.changesSince(version),
    below: (path) => pages.below(path),
    offer: (leaves) => pages.offer(leaves),
    async read(page) {
      mayFail()
      return pages.read(page)
    },
  }
}

async function retried<Result>(work: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await work()
    } catch (error) {
      expect(error).toBeInstanceOf(StoreFailedError)
    }
  }
}

describe('the cost of healing', () => {
  it('is the nodes that differ, on 2,000 accounts of which ten changed', async () => {
    const changes = new Set(Array.from({ length: 10 }, (_, index) => index * 190))
    const after = new HealTruth(
      accounts.map((account, index) => {
        if (!changes.has(index)) return account
        const [first, ...rest] = account.storage
        const storage = first === undefined ? [] : [[first[0], random.bytes(30)] as const, ...rest]
        return { ...account, nonce: account.nonce + 1n, storage }
      }),
    )
    const store = await openMemoryStore()
    await store.commit(target.batch())
    const missing = await after.missingNodes(store)
    const paths: (readonly PathSet[])[] = []
    const counting: SnapHandler = (request) => {
      if (request.kind === 'GetTrieNodes') paths.push(request.paths)
      return stateHandler(after.source())(request)
    }
    const healer = await startHealer(store, after.root)
    const write = async (batch: StoreBatch) => {
      await store.commit(batch)
      return true
    }
    await runHealer(healer, counting, { write })
    expect(await after.differences(store)).toEqual([])
    const asked = paths.flat().reduce((sum, set) => sum + Math.max(set.length - 1, 1), 0)
    expect(asked).toBe(missing.length)
    expect(healer.progress.healed.nodes).toBe(missing.length)
    // Three to four nodes down to each account, and its storage.
    expect(missing.length).toBeLessThan(80)
    expect(healer.touched.size).toBeLessThan(40)
  })
})

import 'fake-indexeddb/auto'
import { deleteDB, openDB } from 'idb'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FollowedChain, said } from '../../test/support/client/FollowedChain.ts'
import { fromHex } from '../base/bytes/hex.ts'
import type { Block } from '../chain/Block.ts'
import type { TrustedHeader } from '../chain/TrustedHeader.ts'
import { createStateSync } from '../client/createStateSync.ts'
import type { StateSyncHandle } from '../client/StateSyncHandle.ts'
import type { StateSyncOptions } from '../client/StateSyncOptions.ts'
import { leafKey } from '../leaves/Leaves.ts'
import { packLeaves } from '../leaves/packLeaves.ts'
import { openIndexedDbStore } from '../store/openIndexedDbStore.ts'
import { targetRecord } from '../sync/journal/Journal.ts'
import { statePeers } from '../testing/statePeers.ts'

const genesisHash = `0x${'11'.repeat(32)}` as const

let databases = 0
let name: string
let chain: FollowedChain
const handles: StateSyncHandle[] = []

/** A handle on the test's database, with a stream of its own. */
async function open(options: Partial<StateSyncOptions> = {}): Promise<StateSyncHandle> {
  const handle = await createStateSync({
    chain: { id: 1, genesisHash },
    trust: chain.stream(),
    store: { name },
    peers: statePeers([chain.handler]),
    pivotDistance: 0,
    maxPivotAge: 5,
    ...options,
  })
  handles.push(handle)
  return handle
}

const database = () => `${name}/1/${genesisHash}`

function committed(handle: StateSyncHandle, number: number): Promise<Block> {
  return new Promise((resolve) => {
    handle.addEventListener('commit', ({ detail }) => {
      if (detail.number === number) resolve(detail)
    })
  })
}

/** Follows the chain up to its present head. */
async function follow(handle: StateSyncHandle): Promise<Block> {
  const done = committed(handle, chain.state.head.number)
  chain.tell()
  await handle.start()
  return done
}

// biome-ignore lint/correctness/useYield: it breaks before its first header
async function* broken(): AsyncGenerator<TrustedHeader> {
  throw new Error('no light client')
}

async function expectState(handle: StateSyncHandle, block: Block): Promise<void> {
  const { number, hash, stateRoot } = block
  for (const entry of chain.entries.slice(0, 10)) {
    const answer = await handle.getAccount(entry.name)
    expect(answer).toMatchObject({ stateRoot, block: { number, hash } })
    expect(said(answer)).toBe(chain.truth(stateRoot, entry))
  }
  expect([handle.stateRoot, handle.block]).toEqual([stateRoot, block])
}

beforeEach(() => {
  name = `engine-follow-${databases++}`
  chain = new FollowedChain({ seed: 17, accounts: 40, changes: { accounts: [5, 15] } })
})
afterEach(async () => {
  for (const handle of handles.splice(0)) await handle.close()
})

describe('a database that was followed', () => {
  it('answers as soon as it is opened, without peers, and knows its block', async () => {
    const first = await open()
    await follow(first)
    chain.advance()
    const block = await committed(first, 1)
    await first.close()
    const { requests } = chain

    const sync = await open()
    expect(sync.status).toBe('complete')
    expect(sync.progress).toMatchObject({ phase: 'complete', fraction: 1 })
    await sync.ready()
    await expectState(sync, block)
    const again = committed(sync, 1)
    await sync.start()
    expect(sync.status).toBe('following')
    await expectState(sync, block)
    chain.tell()
    expect(await again).toEqual(block)
    expect(chain.requests).toBe(requests)
    chain.advance()
    await expectState(sync, await committed(sync, 2))
  })

  it('shows what it holds, also after a run whose stream broke at once', async () => {
    const first = await open()
    const block = await follow(first)
    await first.close()
    const sync = await open({ trust: broken() })
    const failed = new Promise<void>((resolve) => {
      sync.addEventListener('status', ({ detail }) => {
        if (detail.status === 'failed') resolve()
      })
    })
    const { progress } = sync
    await sync.start()
    await failed
    expect(sync.progress).toEqual(progress)
    await expectState(sync, block)
  })

  it('names the completed block, not the one whose state was begun, after a death in between', async () => {
    const first = await open()
    const block = await follow(first)
    const release = chain.hold()
    const begun = new Promise((resolve) => first.addEventListener('pivot', resolve, { once: true }))
    chain.advance()
    await begun
    await expectState(first, block)
    const closed = first.close()
    release()
    await closed
    const sync = await open()
    await expectState(sync, block)
    const done = committed(sync, 1)
    chain.tell()
    await sync.start()
    await expectState(sync, await done)
  })

  it('answers without a block where the record of it is damaged', async () => {
    const first = await open()
    const { stateRoot } = await follow(first)
    await first.close()
    const db = await openDB(database())
    await db.put('journal', new Uint8Array(9), new TextEncoder().encode('blocks'))
    db.close()
    const sync = await open()
    expect([sync.stateRoot, sync.block]).toEqual([stateRoot, undefined])
    const answer = await sync.getAccount(chain.entries[0]!.name)
    expect(answer).toMatchObject({ stateRoot })
    expect(answer).not.toHaveProperty('block')
    await expectState(sync, await follow(sync))
  })

  it('that is deleted meanwhile fails the run, and is made anew by the next', async () => {
    const sync = await open()
    await follow(sync)
    const failed = new Promise<string>((resolve) => {
      sync.addEventListener('status', ({ detail }) => resolve(detail.status), { once: true })
    })
    await deleteDB(database())
    chain.advance()
    expect(await failed).toBe('failed')
    expect(sync.stateRoot).toBeUndefined()
    await sync.start()
    await sync.ready()
    await expectState(sync, sync.block!)
  })
})

describe('a fixed root over a state that was completed before', () => {
  it('is healed to, while that state answers its own readers until the switch', async () => {
    const reader = await open()
    const block = await follow(reader)
    await reader.pause()
    const head = chain.advance(20)
    const release = chain.hold()
    const fixed = await open({ trust: head.stateRoot })
    expect([fixed.status, fixed.stateRoot]).toEqual(['idle', head.stateRoot])
    const healing = new Promise<void>((resolve) => {
      fixed.addEventListener('progress', ({ detail }) => {
        if (detail.phase === 'heal') resolve()
      })
    })
    await fixed.start()
    await healing
    const address = chain.entries[0]!.name
    await expect(fixed.getAccount(address)).rejects.toMatchObject({ code: 'STATE_INCOMPLETE' })
    await expectState(reader, block)
    release()
    await fixed.ready()
    expect(fixed.progress.thisRun.healed.nodes).toBeGreaterThan(0)
    expect(fixed.progress.thisRun.synced.accounts).toBe(0)
    expect(fixed.progress.peers).toBe(0)
    expect(await fixed.getAccount(address)).toMatchObject({ stateRoot: head.stateRoot })
    expect(await fixed.getAccount(address)).not.toHaveProperty('block')
    expect((await reader.getAccount(address)).stateRoot).toBe(head.stateRoot)
  })
})

describe('a run that finds what is stored damaged', () => {
  it('fails, and what was complete before answers no more', async () => {
    const first = await open()
    const { stateRoot } = await follow(first)
    await first.close()
    const store = await openIndexedDbStore({
      ...{ identity: { chainId: 1, genesisHash: fromHex(genesisHash, 'hash', 32) }, name },
    })
    // All of them, as the next block may heal some.
    const keys: Uint8Array[] = []
    for await (const page of store.completed.slots()) {
      for (let index = 0; index < page.count; index++) keys.push(leafKey(page, index).slice())
    }
    const slots = packLeaves(
      keys.map((key) => [key, Uint8Array.of(1)]),
      64,
    )
    const target = targetRecord({ root: fromHex(stateRoot, 'root', 32), mixed: true })
    await store.commit({ slots, journal: new Map([target]) })
    await store.close()

    const sync = await open()
    const failed = new Promise<void>((resolve) => {
      sync.addEventListener('status', ({ detail }) => {
        if (detail.status === 'failed') resolve()
      })
    })
    chain.tell()
    await sync.start()
    chain.advance()
    await failed
    expect([sync.status, sync.stateRoot, sync.block]).toEqual(['failed', undefined, undefined])
    await expect(sync.ready()).rejects.toMatchObject({ code: 'AUDIT' })
    await sync.start()
    await sync.ready()
    await expectState(sync, sync.block!)
  })
})

describe('an audit', () => {
  it('of a state that was changed on disk ends the run that follows it', async () => {
    const sync = await open()
    const { stateRoot } = await follow(sync)
    const identity = { chainId: 1, genesisHash: fromHex(genesisHash, 'hash', 32) }
    const store = await openIndexedDbStore({ identity, name })
    const account = await store.completed.getAccount(chain.entries[0]!.hash)
    const accounts = packLeaves([[new Uint8Array(32).fill(7), account!]])
    await store.commit({ accounts, complete: fromHex(stateRoot, 'root', 32) })
    await store.close()
    await expect(sync.audit()).rejects.toMatchObject({ code: 'AUDIT' })
    expect([sync.status, sync.stateRoot]).toEqual(['failed', undefined])
    await sync.start()
    await sync.ready()
    await expectState(sync, sync.block!)
    expect((await sync.audit()).root).toBe(sync.stateRoot)
  })
})

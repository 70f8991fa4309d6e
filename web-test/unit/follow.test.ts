import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fromHex } from '../../src/base/bytes/hex.ts'
import type { Block } from '../../src/chain/Block.ts'
import { createStateSync } from '../../src/client/createStateSync.ts'
import type { StateSyncHandle } from '../../src/client/StateSyncHandle.ts'
import type { StateSyncOptions } from '../../src/client/StateSyncOptions.ts'
import { openIndexedDbStore } from '../../src/store/openIndexedDbStore.ts'
import { statePeers } from '../../src/testing/statePeers.ts'
import { FollowedChain, said } from '../../test/support/client/FollowedChain.ts'

// Two tabs are two engines over one database: here in one page, with the browser's own locks,
// channels and IndexedDB.

const genesisHash = `0x${'5b'.repeat(32)}` as const
const seed = 29

let chain: FollowedChain
const handles: StateSyncHandle[] = []

async function open(options: Partial<StateSyncOptions> = {}): Promise<StateSyncHandle> {
  const handle = await createStateSync({
    chain: { id: 5, genesisHash },
    trust: chain.stream(),
    peers: statePeers([chain.handler, chain.handler]),
    pivotDistance: 2,
    maxPivotAge: 6,
    ...options,
  })
  handles.push(handle)
  return handle
}

function committed(handle: StateSyncHandle, number: number): Promise<Block> {
  return new Promise((resolve) => {
    handle.addEventListener('commit', ({ detail }) => {
      if (detail.number === number) resolve(detail)
    })
  })
}

/**
 * Reads accounts until `done` has come, each against the truth of the state that answers. @returns
 * the blocks, in order
 */
async function readUntil(done: Promise<unknown>, handle: StateSyncHandle): Promise<number[]> {
  let reading = true
  void done.then(() => {
    reading = false
  })
  const numbers: number[] = []
  for (let turn = 0; reading; turn++) {
    const entry = chain.entries[turn % chain.entries.length]!
    const answer = await handle.getAccount(entry.name)
    expect(said(answer), `seed ${seed}`).toBe(chain.truth(answer.stateRoot, entry))
    numbers.push(answer.block!.number)
  }
  return numbers
}

async function expectState(handle: StateSyncHandle, { number, stateRoot }: Block): Promise<void> {
  for (const entry of chain.entries.slice(0, 20)) {
    const answer = await handle.getAccount(entry.name)
    expect(answer).toMatchObject({ stateRoot, block: { number } })
    expect(said(answer)).toBe(chain.truth(stateRoot, entry))
  }
}

const ascending = (numbers: number[]) => [...numbers].sort((a, b) => a - b)

beforeEach(() => {
  chain = new FollowedChain({ seed, accounts: 300, changes: { accounts: [20, 60] } })
})

afterEach(async () => {
  for (const handle of handles.splice(0)) await handle.close()
  const identity = { chainId: 5, genesisHash: fromHex(genesisHash, 'hash', 32) }
  const store = await openIndexedDbStore({ identity })
  await store.clear()
  await store.close()
})

describe.each(['memory', 'indexeddb'] as const)('a chain that is followed, in %s', (kind) => {
  it('answers at any time from one state, while the next ones are healed', async () => {
    const sync = await open({ store: { kind } })
    chain.tell()
    await sync.start()
    await sync.ready()
    const commits: number[] = []
    sync.addEventListener('commit', ({ detail }) => commits.push(detail.number))
    const reads = [readUntil(committed(sync, 12), sync), readUntil(committed(sync, 12), sync)]
    for (let number = 1; number <= 12; number++) {
      const done = committed(sync, number)
      chain.advance(number === 1 ? 3 : 1)
      await done
    }
    for (const numbers of await Promise.all(reads)) {
      expect(numbers).toEqual(ascending(numbers))
      expect(new Set(numbers).size).toBeGreaterThan(3)
    }
    expect(commits.slice(-12)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    await expectState(sync, sync.block!)
    expect((await sync.audit()).root).toBe(sync.stateRoot)
    expect(sync.progress.healed.nodes).toBeGreaterThan(0)
  })
})

describe('a tab beside one that follows the chain', () => {
  it('answers what that one completes, and goes on when it ends', async () => {
    const [first, second] = [await open(), await open()]
    chain.tell()
    const begun = committed(first, 0)
    await first.start()
    await begun
    await second.ready()
    expect(second.status).toBe('complete')
    await second.start()
    expect(second.status).toBe('waiting')

    const reads = readUntil(committed(second, 6), second)
    for (let number = 1; number <= 6; number++) {
      const done = [committed(first, number), committed(second, number)]
      chain.advance(number === 1 ? 3 : 1)
      const [here, there] = await Promise.all(done)
      expect(there).toEqual(here)
      expect(second.block).toEqual(here)
    }
    const numbers = await reads
    expect(numbers).toEqual(ascending(numbers))
    expect(second.status).toBe('waiting')

    const done = committed(second, 7)
    await first.close()
    chain.advance()
    await expectState(second, await done)
    expect(second.status).toBe('following')
  })

  it('that waits for its first state is ready with the first that the other completes', async () => {
    const release = chain.hold()
    const [first, second] = [await open(), await open()]
    await first.start()
    await second.start()
    expect([second.status, second.stateRoot]).toEqual(['waiting', undefined])
    const ready = second.ready()
    const block = chain.tell()
    release()
    await ready
    expect(second.status).toBe('waiting')
    await expectState(second, block)
  })
})

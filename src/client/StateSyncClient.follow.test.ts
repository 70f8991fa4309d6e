import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FollowedChain, said } from '../../test/support/client/FollowedChain.ts'
import type { AsyncQueue } from '../base/AsyncQueue.ts'
import { toHex } from '../base/bytes/hex.ts'
import type { Block } from '../chain/Block.ts'
import type { TrustedHeader } from '../chain/TrustedHeader.ts'
import { statePeers } from '../testing/statePeers.ts'
import { createStateSync } from './createStateSync.ts'
import type { StateSyncEvents, StateSyncHandle } from './StateSyncHandle.ts'
import type { StateSyncOptions } from './StateSyncOptions.ts'

const seed = 71

let chain: FollowedChain
let headers: AsyncQueue<TrustedHeader>
let sync: StateSyncHandle
/** Statuses, connections, and pivots and commits with their numbers, in order. */
let told: string[]

async function open(options: Partial<StateSyncOptions> = {}): Promise<void> {
  sync = await createStateSync({
    chain: { id: 1, genesisHash: `0x${'11'.repeat(32)}` },
    trust: headers,
    peers: statePeers([chain.handler]),
    store: { kind: 'memory' },
    pivotDistance: 2,
    maxPivotAge: 6,
    ...options,
  })
  told = []
  sync.addEventListener('status', ({ detail }) => told.push(detail.status))
  sync.addEventListener('connection', ({ detail }) => told.push(detail.type))
  sync.addEventListener('pivot', ({ detail }) => told.push(`pivot ${detail.number}`))
  sync.addEventListener('commit', ({ detail }) => told.push(`commit ${detail.number}`))
}

/** Resolves at the next event with that name for which `wanted` is true. */
function next<Name extends keyof StateSyncEvents>(
  name: Name,
  wanted: (detail: StateSyncEvents[Name]) => boolean = () => true,
): Promise<StateSyncEvents[Name]> {
  return new Promise((resolve) => {
    const listener = ({ detail }: CustomEvent<StateSyncEvents[Name]>) => {
      if (!wanted(detail)) return
      sync.removeEventListener(name, listener)
      resolve(detail)
    }
    sync.addEventListener(name, listener)
  })
}

const committed = (number: number) => next('commit', (block) => block.number === number)

/** Follows from block 0 on. */
async function follow(): Promise<Block> {
  const block = chain.tell()
  await sync.start()
  await sync.ready()
  return block
}

async function expectState(block: Block): Promise<void> {
  const { number, hash, stateRoot } = block
  for (const entry of chain.entries.slice(0, 20)) {
    const answer = await sync.getAccount(entry.name)
    expect(answer).toMatchObject({ stateRoot, block: { number, hash } })
    expect(said(answer)).toBe(chain.truth(stateRoot, entry))
  }
  expect(sync.stateRoot).toBe(stateRoot)
  expect(sync.block).toEqual(block)
}

beforeEach(async () => {
  chain = new FollowedChain({ seed, accounts: 40, changes: { accounts: [5, 15] } })
  headers = chain.stream()
  await open()
})
afterEach(() => sync.close())

describe('a stream of headers', () => {
  it('tells of nothing before it is followed', async () => {
    expect([sync.stateRoot, sync.block, sync.pivot, sync.head]).toEqual(
      new Array(4).fill(undefined),
    )
    await expect(sync.getAccount(chain.entries[0]!.name)).rejects.toMatchObject({
      code: 'STATE_INCOMPLETE',
      message: 'no state is complete: sync it first',
    })
    await expect(sync.audit()).rejects.toMatchObject({ code: 'STATE_INCOMPLETE' })
  })

  it('is followed at a distance, block by block, over the same connections', async () => {
    const first = await follow()
    await expectState(first)
    expect(sync.status).toBe('following')
    for (let number = 1; number <= 5; number++) {
      const isCommitted = committed(number)
      const head = chain.advance(number === 1 ? 3 : 1)
      const block = await isCommitted
      expect(block.number).toBe(head.number - 2)
      await expectState(block)
      expect(sync.head).toEqual(head)
      expect(sync.pivot).toEqual(block)
    }
    expect(told).toEqual([
      ...['syncing', 'connected', 'pivot 0', 'following', 'commit 0'],
      ...[1, 2, 3, 4, 5].flatMap((number) => [`pivot ${number}`, `commit ${number}`]),
    ])
    const { progress } = sync
    expect(progress.pivotMoves).toBe(5)
    expect(progress.pivot).toEqual(sync.pivot)
    expect(progress.peers).toBe(1)
    expect(progress.healed.nodes).toBeGreaterThan(0)
    expect((await sync.audit()).root).toBe(sync.stateRoot)
  })

  it('answers from the last complete state while the next is healed', async () => {
    const first = await follow()
    const release = chain.hold()
    const moved = next('pivot')
    chain.advance(4)
    const pivot = await moved
    expect(pivot.number).toBeGreaterThan(0)
    await expectState(first)
    expect(sync.status).toBe('following')
    const isCommitted = committed(2)
    release()
    await expectState(await isCommitted)
  })

  it('is never read as a mixture of two states', async () => {
    await follow()
    const last = committed(30)
    let reading = true
    void last.then(() => {
      reading = false
    })
    const roots = new Set<string>()
    const numbers: number[] = []
    const reader = async (offset: number) => {
      for (let turn = offset; reading; turn += 7) {
        const entry = chain.entries[turn % chain.entries.length]!
        const answer = await sync.getAccount(entry.name)
        expect(said(answer), `seed ${seed}`).toBe(chain.truth(answer.stateRoot, entry))
        roots.add(answer.stateRoot)
        if (offset === 0) numbers.push(answer.block!.number)
      }
    }
    const readers = [0, 1, 2].map(reader)
    for (let number = 1; number <= 30; number++) {
      const done = committed(number)
      chain.advance(number === 1 ? 3 : 1)
      await done
    }
    await Promise.all(readers)
    expect(roots.size).toBeGreaterThan(10)
    // One reader never sees the state go back.
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
  })

  it('moves a pivot that has grown stale before its state was complete', async () => {
    const release = chain.hold()
    const stale = next('pivot')
    chain.tell()
    await sync.start()
    expect((await stale).number).toBe(0)
    const moved = next('pivot')
    chain.advance(7)
    expect((await moved).number).toBe(5)
    const done = committed(5)
    release()
    await done
    expect(told.filter((what) => what.startsWith('commit'))).toEqual(['commit 5'])
    await expectState(sync.block!)
    expect(sync.progress.pivotMoves).toBe(1)
  })

  it('leaves a block that was reorged away', async () => {
    await follow()
    const before = committed(4)
    chain.advance(6)
    const abandoned = await before
    const after = committed(4)
    chain.reorg(4)
    const block = await after
    expect(block.stateRoot).not.toBe(abandoned.stateRoot)
    await expectState(block)
  })

  it('is followed to the head where the distance is 0', async () => {
    await sync.close()
    await open({ pivotDistance: 0, maxPivotAge: 1 })
    await follow()
    for (let number = 1; number <= 3; number++) {
      const done = committed(number)
      const head = chain.advance()
      expect(await done).toEqual(head)
    }
  })

  it('takes numbers as bigints', async () => {
    const { number, hash, stateRoot } = chain.state.head
    headers.push({ number: BigInt(number), hash: toHex(hash), stateRoot: toHex(stateRoot) })
    await sync.start()
    await sync.ready()
    expect(sync.block?.number).toBe(0)
  })
})

describe('the end of a stream', () => {
  it('completes the sync once its last pivot is committed, and answers on', async () => {
    chain.tell()
    const head = chain.advance(5)
    headers.end()
    const complete = next('status', ({ status }) => status === 'complete')
    await sync.start()
    await complete
    expect(sync.block?.number).toBe(head.number - 2)
    await expectState(sync.block!)
    expect(sync.progress).toMatchObject({ phase: 'complete', fraction: 1, peers: 0 })
    const again = next('status', ({ status }) => status === 'complete')
    const { requests } = chain
    await sync.start()
    await again
    expect(chain.requests).toBe(requests)
  })

  it('before its first header is a failure', async () => {
    headers.end()
    await sync.start()
    await expect(sync.ready()).rejects.toMatchObject({
      name: 'HeaderStreamError',
      code: 'HEADER_STREAM',
    })
    expect(sync.status).toBe('failed')
  })

  it('by an error fails the run with that as the cause, and the last state answers on', async () => {
    const block = await follow()
    const failed = next('status')
    const cause = new Error('the light client is gone')
    headers.end(cause)
    const { status, error } = await failed
    expect(status).toBe('failed')
    expect(error).toMatchObject({ code: 'HEADER_STREAM', cause })
    expect(error?.message).toContain('the light client is gone')
    await sync.ready()
    await expectState(block)
  })
})

describe('a malformed header', () => {
  it('fails the run with its value, and is not followed by another one', async () => {
    const block = await follow()
    const failed = next('status')
    headers.push({ number: 9, hash: '0x12', stateRoot: block.stateRoot })
    chain.advance(10)
    const { status, error } = await failed
    expect(status).toBe('failed')
    expect(error).toMatchObject({ name: 'TrustError', code: 'TRUST' })
    expect(error?.message).toContain('hash of trusted header 9')
    expect(error?.message).toContain('0x12')
    await expectState(block)
    const { progress } = sync
    const again = next('status', ({ status }) => status === 'failed')
    await sync.start()
    expect((await again).error).toMatchObject({ code: 'TRUST' })
    await expectState(block)
    expect(sync.progress).toMatchObject({ phase: 'complete', accounts: progress.accounts })
  })

  it('as the first one fails ready', async () => {
    headers.push({ number: -1, hash: '0x', stateRoot: '0x' })
    await sync.start()
    await expect(sync.ready()).rejects.toMatchObject({
      code: 'TRUST',
      message: expect.stringContaining('-1'),
    })
  })
})

describe('a run that follows', () => {
  it('can be paused and goes on with what it was told meanwhile', async () => {
    const block = await follow()
    await sync.pause()
    expect(sync.status).toBe('complete')
    expect(sync.progress.peers).toBe(0)
    const heard = next('head', ({ number }) => number === 5)
    chain.advance(5)
    await heard
    await expectState(block)
    const done = committed(3)
    await sync.start()
    expect(sync.status).toBe('following')
    await expectState(await done)
    // Nothing but what is stored, and the newest that is deep enough.
    const pivots = told.filter((what) => what.startsWith('pivot'))
    expect(pivots).toEqual(['pivot 0', 'pivot 0', 'pivot 3'])
  })

  it('can be paused before its first state is complete', async () => {
    const release = chain.hold()
    const pivot = next('pivot')
    chain.tell()
    await sync.start()
    await pivot
    const paused = sync.pause()
    release()
    await paused
    expect(sync.status).toBe('idle')
    await sync.start()
    await sync.ready()
    await expectState(sync.block!)
  })

  it('can be reset, and begins anew', async () => {
    await follow()
    await sync.reset()
    expect([sync.status, sync.stateRoot, sync.block]).toEqual(['idle', undefined, undefined])
    const gone = { code: 'STATE_INCOMPLETE' }
    await expect(sync.getAccount(chain.entries[0]!.name)).rejects.toMatchObject(gone)
    await sync.start()
    await sync.ready()
    await expectState(sync.block!)
  })

  it('can be audited', async () => {
    const block = await follow()
    const audited = sync.audit()
    const done = committed(1)
    chain.advance(3)
    expect((await audited).root).toBe(block.stateRoot)
    await done
    expect((await sync.audit()).root).toBe(sync.stateRoot)
  })

  it('leaves the stream when it is closed, without waiting for its next header', async () => {
    let left = false
    const never = new Promise<IteratorResult<never>>(() => {})
    await sync.close()
    await open({
      trust: {
        [Symbol.asyncIterator]: () => ({
          next: () => never,
          return: () => {
            left = true
            return never
          },
        }),
      },
    })
    await sync.start()
    await sync.close()
    expect(left).toBe(true)
    expect(sync.status).toBe('closed')
  })

  it('reads the stream once, over all runs', async () => {
    await sync.close()
    let reads = 0
    const iterator = headers[Symbol.asyncIterator]()
    const read = () => {
      reads++
      return iterator
    }
    await open({ trust: { [Symbol.asyncIterator]: read } })
    await follow()
    await sync.pause()
    const done = committed(1)
    await sync.start()
    chain.advance(3)
    await done
    expect(reads).toBe(1)
  })

  it('does not read the stream before it is started', async () => {
    await sync.close()
    const trust = {
      [Symbol.asyncIterator](): never {
        throw new Error('it was read')
      },
    }
    await open({ trust })
    await sync.close()
    await open({ trust })
    await sync.start()
    await expect(sync.ready()).rejects.toThrow('it was read')
  })
})

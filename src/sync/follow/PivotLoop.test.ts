import { describe, expect, it } from 'vitest'
import { block, blocks } from '../../../test/support/follow/block.ts'
import { FakeSyncer } from '../../../test/support/follow/FakeSyncer.ts'
import { follow } from '../../../test/support/follow/follow.ts'
import { HeaderFeed } from '../../../test/support/follow/HeaderFeed.ts'
import { settled } from '../../../test/support/sync/settled.ts'
import { virtualClock } from '../../../test/support/sync/virtualClock.ts'
import { CambiumError } from '../../base/CambiumError.ts'
import { PivotLoop } from './PivotLoop.ts'
import { StateFetcher } from './StateFetcher.ts'

/** What a sync takes, in milliseconds. */
const DURATION = 1_000

describe('choosing the pivot', () => {
  it('takes the oldest known header while none is 64 below the head', async () => {
    const { pass, feed, told } = follow()
    feed.push(...blocks(100, 163))
    await pass(DURATION)
    expect(told).toEqual(['pivot 100a', 'commit 100a'])
  })

  it('takes the block 64 below the head where one is known', async () => {
    const { pass, feed, told } = follow()
    feed.push(...blocks(100, 170))
    await pass(DURATION)
    expect(told).toEqual(['pivot 100a', 'commit 100a', 'pivot 106a'])
  })

  it('takes the newest header at or below that depth where the stream has gaps', async () => {
    const { pass, feed, told } = follow()
    feed.push(block(0), block(10), block(50), block(100))
    await pass(DURATION)
    expect(told).toEqual(['pivot 0a', 'commit 0a', 'pivot 10a'])
  })

  it('follows a chain of one block, the genesis', async () => {
    const { pass, feed, told, run } = follow()
    feed.push(block(0))
    feed.end()
    await pass(DURATION)
    await run
    expect(told).toEqual(['pivot 0a', 'commit 0a'])
  })

  it('takes both distances from its options', async () => {
    const { pass, tell, told } = follow({ pivotDistance: 2, maxPivotAge: 4 })
    await tell(...blocks(10, 14))
    await pass(1)
    expect(told).toEqual(['pivot 10a'])
    await tell(block(15))
    await pass(1)
    expect(told).toEqual(['pivot 10a', 'pivot 13a'])
  })

  it('leaves no pivot for its age whose state only has to be verified', async () => {
    let verifying = true
    const limits = { pivotDistance: 2, maxPivotAge: 4 }
    const { pass, tell, told } = follow({ ...limits, isVerifying: () => verifying })
    await tell(...blocks(10, 20))
    // A sync that was cancelled has shut down by then, and the next pivot would be told.
    await pass(1)
    expect(told).toEqual(['pivot 10a'])
    verifying = false
    await tell(block(21))
    await pass(1)
    expect(told).toEqual(['pivot 10a', 'pivot 19a'])
  })

  it('begins with the state that the store holds complete, even where that is less deep', async () => {
    const { pass, feed, told } = follow({ completedRoot: block(160).stateRoot })
    feed.push(...blocks(160, 200))
    await pass(DURATION)
    expect(told).toEqual(['pivot 160a', 'commit 160a'])
    feed.push(...blocks(201, 225))
    await pass(DURATION)
    expect(told.slice(2)).toEqual(['pivot 161a', 'commit 161a'])
  })

  it('commits the stored state as soon as the stream tells of it, and goes forward from there', async () => {
    const { pass, tell, told, syncer } = follow({ completedRoot: block(110).stateRoot })
    syncer.completed.push(block(110).stateRoot)
    await tell(...blocks(100, 110))
    await pass(1)
    expect(told).toEqual(['pivot 100a', 'pivot 110a', 'commit 110a'])
    await tell(...blocks(111, 180))
    await pass(DURATION)
    expect(told.slice(3)).toEqual(['pivot 111a', 'commit 111a', 'pivot 116a'])
  })
})

describe('moving the pivot', () => {
  it('keeps it while the head is 120 past it, and moves it at 121 to 64 below the head', async () => {
    const { pass, tell, told, syncer } = follow()
    await tell(...blocks(100, 220))
    await pass(1)
    expect(told).toEqual(['pivot 100a'])
    await tell(block(221))
    // The old sync shuts down first.
    expect(told).toEqual(['pivot 100a'])
    await pass(1)
    expect(told).toEqual(['pivot 100a', 'pivot 157a'])
    expect(syncer.mostRunning).toBe(1)
    await pass(DURATION)
    expect(told.at(-1)).toBe('commit 157a')
    expect(syncer.completed).toEqual([block(157).stateRoot])
  })

  it('moves every 57 blocks as long as syncs are too slow', async () => {
    const { pass, tell, told } = follow()
    for (const header of blocks(0, 400)) {
      await tell(header)
      await pass(1)
    }
    expect(told).toEqual([
      'pivot 0a',
      'pivot 57a',
      'pivot 114a',
      'pivot 171a',
      'pivot 228a',
      'pivot 285a',
    ])
  })

  it('chooses by the head that is known when the old sync has stopped', async () => {
    const { pass, tell, feed, told, syncer } = follow()
    syncer.shutdownMs = 100
    await tell(...blocks(100, 221))
    feed.push(...blocks(222, 300))
    await pass(100)
    expect(told).toEqual(['pivot 100a', 'pivot 236a'])
  })

  it('keeps a stale one where no newer header is deep enough', async () => {
    const { pass, tell, told, syncer } = follow()
    await tell(block(100), block(230))
    await pass(DURATION)
    expect(told).toEqual(['pivot 100a', 'commit 100a'])
    expect(syncer.calls).toBe(1)
  })

  it('commits what completes while it is being cancelled, and goes on from there', async () => {
    const { pass, tell, told, syncer } = follow()
    syncer.stubborn = true
    await tell(...blocks(100, 221))
    await pass(DURATION)
    expect(told).toEqual(['pivot 100a', 'commit 100a', 'pivot 157a'])
    await pass(DURATION)
    expect(told.at(-1)).toBe('commit 157a')
  })

  it('leaves a sync alone whose root the new pivot has too', async () => {
    const { pass, tell, told, syncer } = follow()
    const empty = blocks(101, 221).map((header) => ({ ...header, stateRoot: block(100).stateRoot }))
    await tell(block(100), ...empty)
    await pass(DURATION)
    expect(syncer.calls).toBe(1)
    expect(told).toEqual(['pivot 100a', 'pivot 157a', 'commit 157a'])
  })
})

describe('reorgs', () => {
  it('moves a pivot that was reorged away, before it is complete', async () => {
    const { pass, tell, told, syncer } = follow()
    await tell(...blocks(100, 110), block(100, 'b'))
    await pass(1)
    expect(told).toEqual(['pivot 100a', 'pivot 100b'])
    await pass(DURATION)
    expect(told.at(-1)).toBe('commit 100b')
    expect(syncer.completed).toEqual([block(100, 'b').stateRoot])
  })

  it('moves twice in a row, and back', async () => {
    const { pass, tell, told, syncer } = follow()
    syncer.shutdownMs = 10
    await tell(block(100), block(100, 'b'))
    await tell(block(100, 'c'), block(100, 'd'))
    await pass(10)
    expect(told).toEqual(['pivot 100a', 'pivot 100d'])
    await tell(block(100, 'b'))
    await pass(10)
    await tell(block(100))
    await pass(10)
    await pass(DURATION)
    expect(told.slice(2)).toEqual(['pivot 100b', 'pivot 100a', 'commit 100a'])
    expect(syncer.mostRunning).toBe(1)
  })

  it('does not disturb a pivot below the branch', async () => {
    const { pass, tell, told } = follow()
    await tell(...blocks(100, 150), ...blocks(101, 160, 'b'))
    await pass(DURATION)
    expect(told).toEqual(['pivot 100a', 'commit 100a'])
  })

  it('syncs another state where the committed one was reorged away', async () => {
    const { pass, tell, told } = follow()
    await tell(...blocks(100, 170))
    await pass(DURATION)
    await pass(DURATION)
    expect(told.at(-1)).toBe('commit 106a')
    await tell(block(105, 'b'))
    // All that is known at this depth.
    expect(told.at(-1)).toBe('pivot 100a')
    await tell(...blocks(106, 172, 'b'))
    await pass(DURATION)
    expect(told.slice(-2)).toEqual(['commit 100a', 'pivot 108b'])
  })

  it('does not go back to an older state while the committed one is of the chain', async () => {
    const { pass, tell, told } = follow()
    await tell(...blocks(100, 170))
    await pass(DURATION)
    await pass(DURATION)
    const before = told.length
    await tell(...blocks(160, 169, 'b'))
    await pass(DURATION)
    expect(told.length).toBe(before)
  })

  it('takes the head back where the stream tells of an older block again', async () => {
    const { pass, tell, told, heads } = follow()
    await tell(...blocks(100, 105), block(102), block(103, 'b'))
    await pass(DURATION)
    expect(heads).toEqual([100, 101, 102, 103, 104, 105, 102, 103])
    expect(told).toEqual(['pivot 100a', 'commit 100a'])
  })
})

describe('following', () => {
  it('heals each next pivot in turn, the newest whenever one is complete', async () => {
    const { pass, tell, told } = follow()
    for (const header of blocks(0, 100)) {
      await tell(header)
      // A sync takes as long as two blocks and a half, and is seen to end with the third.
      await pass(DURATION / 2.5)
    }
    const commits = told.filter((line) => line.startsWith('commit'))
    expect(commits.slice(0, 6)).toEqual([
      'commit 0a',
      'commit 1a',
      'commit 3a',
      'commit 6a',
      'commit 9a',
      'commit 12a',
    ])
    expect(told.length).toBe(2 * commits.length + 1)
  })

  it('commits every pivot of a stream that is slower than its syncs', async () => {
    const { pass, tell, told } = follow({ pivotDistance: 2, maxPivotAge: 10 })
    for (const header of blocks(0, 6)) {
      await tell(header)
      await pass(DURATION)
    }
    expect(told.filter((line) => line.startsWith('commit'))).toEqual(
      [0, 1, 2, 3, 4].map((number) => `commit ${number}a`),
    )
  })

  it('reads on while a sync runs', async () => {
    const { tell, heads, told } = follow()
    await tell(...blocks(100, 110))
    expect(heads.length).toBe(11)
    expect(told).toEqual(['pivot 100a'])
  })
})

describe('the end', () => {
  it('comes when the stream has ended and the pivot of its last head is committed', async () => {
    const { pass, feed, told, run } = follow()
    feed.push(...blocks(100, 180))
    feed.end()
    await pass(DURATION)
    expect(told).toEqual(['pivot 100a', 'commit 100a', 'pivot 116a'])
    expect(await settled(run)).toBe(false)
    await pass(DURATION)
    await run
    expect(told.at(-1)).toBe('commit 116a')
  })

  it('comes at once when all is committed already', async () => {
    const { pass, feed, run } = follow()
    feed.push(block(1))
    await pass(DURATION)
    feed.end()
    await run
  })

  it('is an error of a stream without headers', async () => {
    const { feed, run } = follow()
    feed.end()
    await expect(run).rejects.toMatchObject({ code: 'HEADER_STREAM' })
  })

  it('is an error of a stream that throws, with the cause, once the sync has shut down', async () => {
    const { pass, tell, feed, run, syncer, told } = follow()
    await tell(block(1))
    const cause = new Error('the node is gone')
    feed.break(cause)
    await pass()
    expect(await settled(run)).toBe(false)
    await pass(1)
    const message = 'the stream of trusted headers broke: Error: the node is gone'
    await expect(run).rejects.toMatchObject({ name: 'HeaderStreamError', cause, message })
    expect(syncer.running).toBe(0)
    expect(told).toEqual(['pivot 1a'])
  })

  it('is the error of the stream itself where that is typed', async () => {
    const { feed, run } = follow()
    const error = new CambiumError('TRUST', 'header.number must be a whole number, got -1')
    feed.break(error)
    await expect(run).rejects.toBe(error)
  })

  it('is an error where the stream cannot even be opened', async () => {
    const broken = {
      [Symbol.asyncIterator]: () => {
        throw new Error('no')
      },
    }
    const loop = new PivotLoop({
      fetcher: new StateFetcher(new FakeSyncer(virtualClock())),
      onCommit: () => {},
    })
    const run = loop.run(broken, new AbortController().signal)
    await expect(run).rejects.toMatchObject({ code: 'HEADER_STREAM' })
  })

  it('is the error of a sync that failed, and the stream is left', async () => {
    const { pass, tell, feed, run, syncer, told } = follow()
    syncer.failure = new Error('the disk is full')
    await tell(block(1))
    await pass(DURATION)
    await expect(run).rejects.toBe(syncer.failure)
    expect(feed.left).toBe(true)
    expect(told).toEqual(['pivot 1a'])
    // The header that it was waiting for is the last that it takes.
    feed.push(block(2), block(3))
    await pass()
    expect(feed.asked).toBe(2)
  })

  it('is the error of a sync that fails while it makes way for the next', async () => {
    const { pass, tell, run, syncer } = follow()
    syncer.stubborn = true
    syncer.failure = new Error('the disk is full')
    await tell(block(1), block(1, 'b'))
    await pass(DURATION)
    await expect(run).rejects.toBe(syncer.failure)
    expect(syncer.calls).toBe(1)
  })

  it('comes by abort, once the sync has shut down; the stream is left', async () => {
    const { pass, tell, feed, run, controller, syncer } = follow()
    syncer.shutdownMs = 10
    await tell(block(1))
    controller.abort()
    await pass(9)
    expect(await settled(run)).toBe(false)
    await pass(1)
    await expect(run).rejects.toMatchObject({ code: 'SYNC_CANCELLED' })
    expect(feed.left).toBe(true)
    expect(syncer.running).toBe(0)
  })

  it('comes by an abort before it began: nothing is synced', async () => {
    const syncer = new FakeSyncer(virtualClock())
    const loop = new PivotLoop({ fetcher: new StateFetcher(syncer), onCommit: () => {} })
    const run = loop.run(new HeaderFeed(), AbortSignal.abort())
    await expect(run).rejects.toMatchObject({ code: 'SYNC_CANCELLED' })
    expect(syncer.calls).toBe(0)
  })

  it('commits a state that became complete while it was being aborted', async () => {
    const { pass, tell, run, controller, syncer, told } = follow()
    syncer.stubborn = true
    await tell(block(1))
    controller.abort()
    await pass(DURATION)
    await expect(run).rejects.toMatchObject({ code: 'SYNC_CANCELLED' })
    expect(told).toEqual(['pivot 1a', 'commit 1a'])
  })

  it('comes when the fetcher is stopped by somebody else', async () => {
    const { pass, tell, run, fetcher } = follow()
    await tell(block(1))
    const stopped = fetcher.stop()
    await pass(1)
    await stopped
    await expect(run).rejects.toMatchObject({ code: 'SYNC_CANCELLED' })
  })

  it('is told of a fetcher that was stopped before', async () => {
    const { tell, run, fetcher } = follow()
    await fetcher.stop()
    await tell(block(1))
    await expect(run).rejects.toMatchObject({ code: 'STATE_FETCHER_STOPPED' })
  })
})

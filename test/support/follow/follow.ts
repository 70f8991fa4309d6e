import type { Header } from '../../../src/chain/Header.ts'
import { type ContentLoopOptions, PivotLoop } from '../../../src/sync/follow/PivotLoop.ts'
import { StateFetcher } from '../../../src/sync/follow/StateFetcher.ts'
import { settled } from '../sync/settled.ts'
import { virtualClock } from '../sync/virtualClock.ts'
import { FakeSyncer } from './FakeSyncer.ts'
import { HeaderFeed } from './HeaderFeed.ts'

/** A loop that runs, with syncs that take a second and shut down in a millisecond. */
export function follow(options: Partial<ContentLoopOptions> = {}) {
  const clock = virtualClock()
  const syncer = new FakeSyncer(clock)
  const fetcher = new StateFetcher(syncer)
  const feed = new HeaderFeed()
  const controller = new AbortController()
  /** What the loop told, in order. */
  const told: string[] = []
  const heads: number[] = []
  const name = (what: string) => (header: Header) => told.push(`${what} ${nameOf(header)}`)
  const loop = new PivotLoop({
    fetcher,
    onHead: (head) => heads.push(head.number),
    onPivot: name('pivot'),
    onCommit: name('commit'),
    ...options,
  })
  const run = loop.run(feed, controller.signal)
  // A run that fails is looked at later.
  run.catch(() => {})
  return {
    ...{ syncer, fetcher, feed, controller, told, heads, run },
    /** Lets all happen that needs no time, then lets `ms` pass, likewise. */
    async pass(ms = 0): Promise<void> {
      await settled(run)
      clock.advance(ms)
      await settled(run)
    },
    /** Tells of the headers one after the other. */
    async tell(...headers: Header[]): Promise<void> {
      for (const header of headers) {
        feed.push(header)
        await settled(run)
      }
    },
  }
}

/** `'7a'`: the number and the branch. */
function nameOf({ number, stateRoot }: Header): string {
  return `${number}${new TextDecoder().decode(stateRoot).split(' ')[1]}`
}

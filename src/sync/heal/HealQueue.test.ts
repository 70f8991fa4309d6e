import { describe, expect, it } from 'vitest'
import { HealQueue } from './HealQueue.ts'

/** 1,024 nodes and 84 codes: the largest request of each kind. */
const MAX_WAITING = 1108

/** A scheduler that misses very many nodes, and counts those that it gave out. */
function endlessScheduler() {
  let given = 0
  return {
    get given() {
      return given
    },
    missing(max = Number.POSITIVE_INFINITY) {
      const nodes = Array.from({ length: Math.min(max, 1_000_000 - given) }, () => {
        return { path: Uint8Array.of(given++), hash: new Uint8Array(32) }
      })
      return { nodes, codes: [] }
    },
  }
}

describe('HealQueue', () => {
  it('takes no more out of the scheduler than the largest requests need', () => {
    const scheduler = endlessScheduler()
    const queue = new HealQueue(scheduler)
    let taken = 0
    for (const most of [1, 7, 1024, 1024, 0, 3]) {
      taken += queue.takeNodes(most).length
      expect(scheduler.given - taken).toBeLessThanOrEqual(MAX_WAITING)
    }
    expect(taken).toBe(1 + 7 + 1024 + 1024 + 3)
  })

  it('takes nothing out while what was given back fills it', () => {
    const scheduler = endlessScheduler()
    const queue = new HealQueue(scheduler)
    const first = queue.takeNodes(1024)
    const second = queue.takeNodes(1024)
    queue.returnNodes(second)
    queue.returnNodes(first)
    const { given } = scheduler
    expect(queue.takeNodes(1024)).toEqual(first)
    expect(scheduler.given).toBe(given)
  })
})

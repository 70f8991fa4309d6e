import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { block, blocks } from '../../../test/support/follow/block.ts'
import { follow } from '../../../test/support/follow/follow.ts'
import { settled } from '../../../test/support/sync/settled.ts'
import type { Header } from '../../chain/Header.ts'
import { HeaderWindow } from './HeaderWindow.ts'

describe('PivotLoop, at random', () => {
  const step = fc.record({
    /**
     * How many blocks come; and how many of the newest they replace, on another branch or on the
     * same.
     */
    blocks: fc.oneof(fc.nat(5), fc.nat(60)),
    reorg: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(12), fc.nat(100)),
    branch: fc.constantFrom('a', 'b', 'c'),
    gap: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(20)),
    burst: fc.boolean(),
    waitMs: fc.oneof(fc.nat(5), fc.nat(500)),
    durationMs: fc.oneof(fc.constant(0), fc.nat(2_000)),
    shutdownMs: fc.nat(50),
    stubborn: fc.boolean(),
  })
  const ending = fc.constantFrom('end', 'break', 'abort', 'failure')
  const distances = fc.constantFrom([64, 120], [2, 4], [0, 1], [5, 100])

  it('never runs two syncs, commits what is complete and nothing else, moves for a reason, and ends', async () => {
    const steps = fc.array(step, { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(steps, ending, distances, async (steps, end, [distance, age]) => {
        const window = new HeaderWindow(age! + distance!)
        let pivot: Header | undefined
        let committed: Header | undefined
        /** Whether there was a reason to move the pivot since it was begun. */
        let left = true
        const test = follow({
          pivotDistance: distance!,
          maxPivotAge: age!,
          onHead(head) {
            window.add(head)
            if (pivot === undefined) return
            left ||= window.removed(pivot) || head.number > pivot.number + age!
          },
          onPivot(next) {
            expect(left).toBe(true)
            const wanted = window.newestUpTo(window.newest!.number - distance!) ?? window.oldest
            expect(next).toBe(wanted)
            if (committed !== undefined && !window.removed(committed)) {
              expect(next.number).toBeGreaterThan(committed.number)
            }
            pivot = next
            left = false
          },
          onCommit(header) {
            expect(header).toBe(pivot)
            expect(test.syncer.completed.at(-1)).toBe(header.stateRoot)
            test.told.push('commit')
            committed = header
            left = true
          },
        })
        const { syncer, feed, controller, run } = test
        let number = 200
        for (const { blocks: count, reorg, branch, gap, burst, waitMs, ...timing } of steps) {
          Object.assign(syncer, timing, { durationMs: () => timing.durationMs })
          number = Math.max(1, number - reorg)
          for (const header of blocks(number, number + count, branch)) {
            if (burst) feed.push(header)
            else await test.tell(header)
          }
          number += count + 1 + gap
          await test.pass(waitMs)
        }
        const cause = new Error(end)
        if (end === 'end') feed.end()
        else if (end === 'break') feed.break(cause)
        else if (end === 'abort') controller.abort()
        else syncer.failure = cause
        // The failure needs a sync to hit.
        if (end === 'failure') feed.push(block(number + 1_000), block(number + 2_000))
        for (let turn = 0; turn < 8 && !(await settled(run)); turn++) await test.pass(2_000)
        expect(await settled(run)).toBe(true)
        const outcome = await run.catch((error) => error)
        const codes = new Map([
          ['break', 'HEADER_STREAM'],
          ['abort', 'SYNC_CANCELLED'],
        ])
        const code = codes.get(end)
        if (code !== undefined) expect(outcome).toMatchObject({ code })
        if (end === 'failure') expect(outcome).toBe(cause)
        if (end === 'end') {
          expect(outcome).toBeUndefined()
          expect(window.removed(committed!)).toBe(false)
          const wanted = window.newestUpTo(window.newest!.number - distance!) ?? window.oldest
          expect(committed!.number).toBeGreaterThanOrEqual(wanted!.number)
        }
        expect(test.told.length).toBe(syncer.completed.length)
        expect(syncer.mostRunning).toBe(1)
        expect(syncer.running).toBe(0)
        expect(feed.left).toBe(true)
      }),
      { numRuns: 150 },
    )
  })
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { PriorityQueue } from './PriorityQueue.ts'

it('gives the first of what is in it, whatever came and went before', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { freq: 3 })), (steps) => {
      const queue = new PriorityQueue<number>((a, b) => a - b)
      const inside: number[] = []
      for (const step of steps) {
        if (step !== null) {
          queue.push(step)
          inside.push(step)
        } else {
          inside.sort((a, b) => a - b)
          expect(queue.peek()).toBe(inside[0])
          expect(queue.pop()).toBe(inside.shift())
        }
      }
      inside.sort((a, b) => a - b)
      for (const item of inside) expect(queue.pop()).toBe(item)
      expect(queue.peek()).toBeUndefined()
      expect(queue.pop()).toBeUndefined()
    }),
  )
})

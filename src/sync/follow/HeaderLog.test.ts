import { describe, expect, it } from 'vitest'
import { block, blocks } from '../../../test/support/follow/block.ts'
import { HeaderStreamError } from './errors.ts'
import { HeaderLog } from './HeaderLog.ts'

const numbers = ({ known }: HeaderLog) => known.map(({ number }) => number)

describe('a log of headers', () => {
  it('keeps those of its depth, whether anybody reads or not', () => {
    const log = new HeaderLog(3)
    for (const header of blocks(1, 10)) expect(log.add(header)).toBe(true)
    expect(numbers(log)).toEqual([7, 8, 9, 10])
    expect(log.add(block(10))).toBe(false)
    expect(log.add(block(9, 'b'))).toBe(true)
    expect(numbers(log)).toEqual([7, 8, 9])
  })

  it('tells each reader what comes while it reads, and then the end', async () => {
    const log = new HeaderLog(10)
    log.add(block(1))
    const [first, second] = [log[Symbol.asyncIterator](), log[Symbol.asyncIterator]()]
    log.add(block(2))
    expect(await first.next()).toEqual({ value: block(2) })
    const waiting = first.next()
    log.add(block(3))
    log.add(block(3))
    log.end()
    expect(await waiting).toEqual({ value: block(3) })
    expect(await first.next()).toMatchObject({ done: true })
    expect(await second.next()).toEqual({ value: block(2) })
    await second.return!()
    expect(numbers(log)).toEqual([1, 2, 3])
    expect(await log[Symbol.asyncIterator]().next()).toMatchObject({ done: true })
  })

  it('throws what it was ended with, to later readers too', async () => {
    const log = new HeaderLog(10)
    const reader = log[Symbol.asyncIterator]()
    log.add(block(1))
    const error = new HeaderStreamError('broke')
    log.end(error)
    expect(await reader.next()).toEqual({ value: block(1) })
    await expect(reader.next()).rejects.toBe(error)
    await expect(log[Symbol.asyncIterator]().next()).rejects.toBe(error)
  })
})

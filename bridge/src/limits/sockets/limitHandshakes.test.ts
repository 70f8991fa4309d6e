import type { ClearableSignal, Upgrader } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { limitHandshakes } from './limitHandshakes.ts'

describe('limitHandshakes', () => {
  it('begins so many at a time, and others when these are over', () => {
    const upgrader = {
      createInboundAbortSignal(signal: AbortSignal): ClearableSignal {
        return Object.assign(AbortSignal.any([signal]), { clear() {} })
      },
      other: () => 7,
    }
    let refused = 0
    const components = { upgrader: upgrader as unknown as Upgrader, name: 'x' }
    const limited = limitHandshakes(components, () => refused++)
    expect(limited.name).toBe('x')
    expect((limited.upgrader as unknown as typeof upgrader).other()).toBe(7)
    const begin = () => limited.upgrader.createInboundAbortSignal(new AbortController().signal)
    const signals = Array.from({ length: 66 }, begin)
    expect(signals.map(({ aborted }) => aborted)).toEqual([
      ...Array(64).fill(false),
      ...[true, true],
    ])
    expect(refused).toBe(2)
    for (const signal of [signals[0]!, signals[0]!, signals[65]!]) signal.clear()
    expect([begin().aborted, begin().aborted]).toEqual([false, true])
  })
})

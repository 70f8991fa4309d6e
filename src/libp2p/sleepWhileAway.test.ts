import { afterEach, describe, expect, it, vi } from 'vitest'
import { sleepWhileAway } from './sleepWhileAway.ts'

const HOUR = 3_600_000

function page({ hidden = false } = {}) {
  const document = Object.assign(new EventTarget(), { hidden })
  const window = new EventTarget()
  vi.stubGlobal('document', document)
  vi.stubGlobal('window', window)
  return { document, window }
}

afterEach(() => void vi.unstubAllGlobals())

describe('sleepWhileAway', () => {
  it.each([
    ['window', 'pageshow'],
    ['window', 'online'],
    ['document', 'resume'],
    ['document', 'visibilitychange'],
  ] as const)('ends when the %s tells %s', async (target, event) => {
    const targets = page()
    const slept = sleepWhileAway(HOUR, new AbortController().signal)
    targets[target].dispatchEvent(new Event(event))
    await slept
  })

  it('sleeps on while the page is hidden', async () => {
    const { document, window } = page({ hidden: true })
    let isOver = false
    const slept = sleepWhileAway(HOUR, new AbortController().signal).then(() => {
      isOver = true
    })
    document.dispatchEvent(new Event('visibilitychange'))
    window.dispatchEvent(new Event('online'))
    await new Promise((resolve) => setImmediate(resolve))
    expect(isOver).toBe(false)
    document.hidden = false
    document.dispatchEvent(new Event('visibilitychange'))
    await slept
  })

  it('leaves no listener behind, also outside of a page', async () => {
    const { document, window } = page()
    const added = [vi.spyOn(document, 'addEventListener'), vi.spyOn(window, 'addEventListener')]
    const stop = new AbortController()
    const slept = sleepWhileAway(HOUR, stop.signal)
    stop.abort()
    await slept
    for (const { mock } of added) {
      expect(mock.calls).toHaveLength(2)
      for (const [, , options] of mock.calls) {
        expect((options as AddEventListenerOptions).signal?.aborted).toBe(true)
      }
    }
    vi.unstubAllGlobals()
    await sleepWhileAway(0, new AbortController().signal)
  })
})

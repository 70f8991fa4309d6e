import type { Page } from 'playwright-core'

/** How long the page, or its worker, did not come round, in ms. */
export interface Stalls {
  /** Durations of the main thread's tasks above 50 ms, as the Long Tasks API tells them. */
  longTasks: number[]
  /** The longest time between two frames. */
  frameGap: number
  /** The longest time from a call of the worker to its answer. */
  workerGap: number
  /** Calls that the worker answered. */
  calls: number
}

/** Between two calls of the worker: a third of what a person would notice. */
const ASK_EVERY_MS = 30

interface Watched {
  stalls: Promise<Stalls>
  cambium: {
    handle: EventTarget & { start(): Promise<void>; status: string }
  }
}

/** Watches a page of the example, in which a state is open, from now until its sync is complete. */
export async function watchStalls(page: Page): Promise<() => Promise<Stalls>> {
  await page.evaluate((ASK_EVERY_MS) => {
    const scope = globalThis as unknown as Watched
    const { handle } = scope.cambium
    const stalls: Stalls = { longTasks: [], frameGap: 0, workerGap: 0, calls: 0 }
    const observer = new PerformanceObserver((list) => {
      stalls.longTasks.push(...list.getEntries().map(({ duration }) => duration))
    })
    observer.observe({ type: 'longtask' })

    let last: number | undefined
    const onFrame = (now: number) => {
      if (handle.status === 'complete') return
      if (last !== undefined) stalls.frameGap = Math.max(stalls.frameGap, now - last)
      last = now
      requestAnimationFrame(onFrame)
    }
    requestAnimationFrame(onFrame)

    const ask = async () => {
      if (handle.status === 'complete') return
      if (handle.status === 'syncing') {
        const sent = performance.now()
        // Changes nothing while a sync runs, and is answered in the worker's next turn.
        await handle.start()
        stalls.calls++
        stalls.workerGap = Math.max(stalls.workerGap, performance.now() - sent)
      }
      // Asked without a pause, page and worker would be busy with the questions alone.
      setTimeout(ask, ASK_EVERY_MS)
    }
    void ask()

    scope.stalls = new Promise((resolve) => {
      handle.addEventListener('status', () => {
        if (handle.status !== 'complete') return
        // The browser tells of a task after it has ended.
        setTimeout(() => {
          observer.disconnect()
          resolve(stalls)
        }, 100)
      })
    })
  }, ASK_EVERY_MS)
  return () => page.evaluate(() => (globalThis as unknown as Watched).stalls)
}

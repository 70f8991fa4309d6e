import type { Page } from 'playwright-core'

/** What page and worker did while a sync ran. */
export interface Turns {
  /** Frames that the page drew. */
  frames: number
  /** Calls that the worker answered. */
  calls: number
}

/** Between two calls of the worker: a third of what a person would notice. */
const ASK_EVERY_MS = 30

interface Watched {
  turns: Promise<Turns>
  cambium: {
    handle: EventTarget & { start(): Promise<void>; status: string }
  }
}

/** Counts turns of an example page with an open state, from now until its sync is complete. */
export async function turnsDuring(page: Page): Promise<() => Promise<Turns>> {
  await page.evaluate((ASK_EVERY_MS) => {
    const scope = globalThis as unknown as Watched
    const { handle } = scope.cambium
    const turns: Turns = { frames: 0, calls: 0 }
    const onFrame = () => {
      if (handle.status === 'syncing') turns.frames++
      if (handle.status !== 'complete') requestAnimationFrame(onFrame)
    }
    requestAnimationFrame(onFrame)

    const ask = async () => {
      if (handle.status === 'complete') return
      if (handle.status === 'syncing') {
        // Changes nothing while a sync runs, and the worker answers it in its next turn.
        await handle.start()
        if ((handle.status as string) === 'syncing') turns.calls++
      }
      // Asked without a pause, page and worker would be busy with the questions alone.
      setTimeout(ask, ASK_EVERY_MS)
    }
    void ask()

    scope.turns = new Promise((resolve) => {
      handle.addEventListener('status', () => {
        if (handle.status === 'complete') resolve(turns)
      })
    })
  }, ASK_EVERY_MS)
  return () => page.evaluate(() => (globalThis as unknown as Watched).turns)
}

import { sleep } from '../base/sleep.ts'

/**
 * Events by which a page learns that it, or its network, is back: from the back/forward cache,
 * frozen, or asleep.
 */
const WINDOW_EVENTS = ['pageshow', 'online']
const DOCUMENT_EVENTS = ['resume', 'visibilitychange']

/** Sleeps; ends at once when the page comes back, as what failed before may work now. */
export async function sleepWhileAway(ms: number, signal: AbortSignal): Promise<void> {
  const over = new AbortController()
  const back = () => {
    if (!globalThis.document?.hidden) over.abort()
  }
  const listen = (target: EventTarget | undefined, names: string[]) => {
    for (const name of names) target?.addEventListener(name, back, { signal: over.signal })
  }
  listen(globalThis.window, WINDOW_EVENTS)
  listen(globalThis.document, DOCUMENT_EVENTS)
  await sleep(ms, AbortSignal.any([signal, over.signal]))
  over.abort()
}

import type { Page } from 'playwright-core'

interface TraceEvent {
  name: string
  pid: number
  tid: number
  /** Thread time in µs. */
  tdur?: number
  args: { name?: string }
}

/**
 * Traces the tasks of a page's main thread from now until the returned function is called.
 * @returns the longest task's time on the processor, in ms: what the page did, without the time in
 *   which the system gave the processor to somebody else, which the Long Tasks API counts as well
 */
export async function watchTaskTimes(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) =>
    events.push(...(value as unknown as TraceEvent[])),
  )
  const traceConfig = { includedCategories: ['toplevel', '__metadata'] }
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig })
  return async () => {
    const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
    await session.send('Tracing.end')
    await complete
    const thread = ({ pid, tid }: TraceEvent) => `${pid}:${tid}`
    const named = events.filter(
      ({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain',
    )
    const main = new Set(named.map(thread))
    const tasks = events.filter((event) => event.tdur !== undefined && main.has(thread(event)))
    if (tasks.length === 0) throw new Error('the trace tells of no task of the main thread')
    return Math.max(...tasks.map(({ tdur }) => tdur! / 1000))
  }
}

/**
 * Traces the tasks of a page's main thread from now until the returned function is called.
 *
 * @param {import('playwright-core').Page} page
 * @returns {Promise<() => Promise<number>>} the longest task's time on the processor, in ms
 */
export async function longestTask(page) {
  const session = await page.context().newCDPSession(page)
  /** @type {Set<string>} */
  const main = new Set()
  /** The longest of each thread, in µs. @type {Map<string, number>} */
  const longest = new Map()
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const { name, pid, tid, tdur, args } of /** @type {any[]} */ (value)) {
      const thread = `${pid}:${tid}`
      if (name === 'thread_name' && args.name === 'CrRendererMain') main.add(thread)
      if (tdur !== undefined) longest.set(thread, Math.max(longest.get(thread) ?? 0, tdur))
    }
  })
  const traceConfig = { includedCategories: ['toplevel', '__metadata'] }
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig })
  return async () => {
    const complete = new Promise((resolve) =>
      session.once('Tracing.tracingComplete', () => resolve(undefined)),
    )
    await session.send('Tracing.end')
    await complete
    return Math.max(...[...main].map((thread) => longest.get(thread) ?? 0)) / 1000
  }
}

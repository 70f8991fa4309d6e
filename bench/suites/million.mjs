import { join } from 'node:path'
import { callPage } from '../lib/callPage.mjs'
import { diskBytes } from '../lib/diskBytes.mjs'
import { longestTask } from '../lib/longestTask.mjs'
import { median, quantile } from '../lib/median.mjs'
import { rendererMegabytes, watchMemory } from '../lib/memory.mjs'
import { startServer } from '../lib/startServer.mjs'

const ACCOUNTS = 1_000_000
const CHANGED = 10

/**
 * A million plain accounts: sync, heal, open, read. @param {import('../lib/Report.mjs').Suite}
 * suite
 */
export async function million({ bench, report, rounds, defer }) {
  const directory = join(bench.directory, 'million')
  const small = await startServer({ directory, accounts: ACCOUNTS / 10, contracts: 0, changed: 0 })
  defer(small.stop)
  const smallMs = []
  for (let round = 0; round < Math.ceil(rounds / 3); round++) {
    const page = await bench.newPage()
    const roots = small.roots.slice(0, 1)
    const [synced] = await callPage(page, 'sync', {
      bridge: small.bridge,
      roots,
      name: `s-${round}`,
    })
    smallMs.push(synced?.ms ?? Number.NaN)
    await page.close()
  }
  small.stop()

  const server = await startServer({
    directory,
    accounts: ACCOUNTS,
    contracts: 0,
    changed: CHANGED,
  })
  defer(server.stop)
  const { bridge, roots, addresses, near, differing } = server
  const name = 'million'
  const root = /** @type {import('cambium').Hex} */ (roots[1])
  const page = await bench.newPage()
  const emptyMB = rendererMegabytes(bench.profile)
  const before = diskBytes(join(bench.profile, 'Default', 'IndexedDB'))
  const peakMB = watchMemory(bench.profile)
  const [synced, healed] = await callPage(page, 'sync', { bridge, roots, name })
  const peak = peakMB()
  if (synced === undefined || healed === undefined) throw new Error('no sync')
  const stored = diskBytes(join(bench.profile, 'Default', 'IndexedDB')) - before
  await page.close()

  report.add('sync.1m.accountsPerSecond', (ACCOUNTS * 1000) / synced.ms, '≥ 100,000')
  report.add('sync.1m.seconds', synced.ms / 1000)
  if (peak === undefined || emptyMB === undefined) report.omit('sync.1m.peakMB', 'no /proc here')
  else report.add('sync.1m.peakMB', peak - emptyMB, '≤ 200')
  report.add('sync.growth', synced.ms / 10 / median(smallMs), '≤ 1.15')
  report.add('store.bytesPerPayload', stored / synced.payload, '≤ 1.15')
  report.add('heal.10of1m.ms', healed.ms, '≤ 500')
  report.add('heal.10of1m.nodes', healed.nodes, `≤ 1.1 × ${differing}`)
  report.add('heal.10of1m.xDiffering', healed.nodes / differing, '≤ 1.1')

  const fresh = await bench.newPage()
  const opened = []
  for (const address of addresses.slice(-5)) {
    opened.push(await callPage(fresh, 'open', { root, name, address }))
  }
  report.add('open.1m.ms', opened[0] ?? Number.NaN, '≤ 300')
  const asked = { root, name, addresses, near, times: 1000 }
  const { first, cold, hot, again } = await callPage(fresh, 'reads', asked)
  report.add('read.getAccount.p50us', median(cold), '≤ 500, a page that was not read before')
  report.add('read.getAccount.p99us', quantile(cold, 0.99))
  report.add('read.getAccount.hot.p50us', median(hot), '≤ 50, another account of a page just read')
  report.add('read.getAccount.hot.p99us', quantile(hot, 0.99))
  report.add('read.getAccount.again.p50us', median(again), 'the same account')
  report.add('read.getAccount.first.p50us', median(first), 'after a tenth of a second of nothing')
  await fresh.close()

  // In a run of its own: to trace every task takes time.
  const traced = await bench.newPage()
  const taskMs = await longestTask(traced)
  await callPage(traced, 'sync', { bridge, roots: roots.slice(0, 1), name: 'traced' })
  report.add('frame.p99ms', await taskMs(), '≤ 50, the longest task')
  await traced.close()
  server.stop()
}

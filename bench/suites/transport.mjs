import { join } from 'node:path'
import { callPage } from '../lib/callPage.mjs'
import { median } from '../lib/median.mjs'
import { startServer } from '../lib/startServer.mjs'

/**
 * Whole syncs against a bare stream with as many bytes. @param {import('../lib/Report.mjs').Suite}
 * suite
 */
export async function transport({ bench, report, rounds, defer }) {
  const server = await startServer({
    ...{ directory: join(bench.directory, 'transport'), accounts: 100_000 },
    ...{ contracts: 0.1, changed: 0 },
  })
  defer(server.stop)
  const { bridge, bare, roots } = server
  const page = await bench.newPage()
  const ratios = []
  const times = []
  const speeds = []
  for (let round = 0; round <= Math.ceil(rounds / 3); round++) {
    const [result] = await callPage(page, 'sync', {
      ...{ bridge, roots: roots.slice(0, 1), name: `transport-${round}` },
    })
    if (result === undefined) throw new Error('no sync')
    const { ms, bytes } = result
    const bareMs = await callPage(page, 'bare', { address: bare[0] ?? '', bytes })
    if (round === 0) continue
    ratios.push(bareMs / ms)
    times.push(ms)
    speeds.push(bytes / bareMs / 1000)
  }
  report.add('sync.100k.ofTransport', median(ratios), '≥ 0.8')
  report.add('sync.100k.seconds', median(times) / 1000)
  report.add('transport.MBPerSecond', median(speeds))
  await page.close()
  server.stop()
}

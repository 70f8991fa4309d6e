import { join } from 'node:path'
import { callPage } from '../lib/callPage.mjs'
import { median } from '../lib/median.mjs'
import { startServer } from '../lib/startServer.mjs'

const ACCOUNTS = 100_000
/** Per cent of the accounts that differ under the second root. */
const SHARES = [0.1, 0.5, 1, 2, 10, 50, 100]
/** Shares that are also timed in the engine's own way: `heal.vsDownload.2` and so on. */
const CHOSEN = [0.1, 2, 10, 50, 100]
const WAYS = { heal: 'Infinity', download: '0' }

/**
 * A complete state, and then a root under which a part of it differs: healed, downloaded over what
 * is stored, and as the engine chooses.
 *
 * @param {import('../lib/Report.mjs').Suite} suite
 */
export async function far({ bench, report, rounds, defer }) {
  /** @type {number[][]} */
  const sooner = []
  for (const share of SHARES) {
    const server = await startServer({
      ...{ directory: join(bench.directory, `far-${share}`), accounts: ACCOUNTS, contracts: 0 },
      changed: (ACCOUNTS * share) / 100,
    })
    defer(server.stop)
    const { bridge, roots } = server
    /** @type {Record<string, { ms: number, bytes: number }[]>} */
    const results = { heal: [], download: [], chosen: [] }
    for (let round = 0; round < Math.ceil(rounds / 5); round++) {
      for (const [way, done] of Object.entries(results)) {
        if (way === 'chosen' && !CHOSEN.includes(share)) continue
        const healLimit = Reflect.get(WAYS, way)
        const page = await bench.newPage()
        const name = `far-${share}-${way}-${round}`
        const [, far] = await callPage(page, 'sync', { bridge, roots, name, healLimit })
        if (far === undefined) throw new Error('no sync')
        done.push(far)
        await page.close()
      }
    }
    server.stop()
    const [heal, download] = [results.heal ?? [], results.download ?? []]
    /** @param {'ms' | 'bytes'} what */
    const ratios = (what) =>
      (results.chosen ?? []).map((it, round) => {
        const forced = [heal[round], download[round]]
        return it[what] / Math.min(...forced.map((way) => way?.[what] ?? Number.NaN))
      })
    for (const [way, done] of Object.entries({ heal, download })) {
      report.add(`far.${share}.${way}.ms`, median(done.map(({ ms }) => ms)))
      report.add(`far.${share}.${way}.kB`, median(done.map(({ bytes }) => bytes / 1024)))
    }
    sooner.push([share, median(heal.map(({ ms }, round) => ms / (download[round]?.ms ?? 1)))])
    if (!CHOSEN.includes(share)) continue
    report.add(`heal.vsDownload.${share}`, median(ratios('ms')), '≤ 1.2 × the faster way')
    report.add(`heal.vsDownload.${share}.bytes`, median(ratios('bytes')))
  }
  report.add('heal.breakEven.percent', breakEven(sooner), 'above it a download is faster')
}

/**
 * The share at which both ways take as long, between the two around it.
 *
 * @param {number[][]} points shares, and the time of a heal ÷ that of a download
 */
function breakEven(points) {
  const after = points.findIndex(([, ratio = 0]) => ratio > 1)
  const [[x0 = 0, y0 = 0] = [], [x1 = 0, y1 = 1] = []] = [points[after - 1], points[after]]
  return x0 + ((1 - y0) * (x1 - x0)) / (y1 - y0)
}

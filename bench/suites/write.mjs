import { callPage } from '../lib/callPage.mjs'
import { ratio } from '../lib/interleave.mjs'
import { median } from '../lib/median.mjs'

/** Accounts into IndexedDB, in a worker. @param {import('../lib/Report.mjs').Suite} suite */
export async function write({ bench, report, rounds }) {
  const page = await bench.newPage()
  const samples = await callPage(page, 'write', { rounds: Math.ceil(rounds / 3) })
  report.add('write.xRecords', ratio(samples, 'pages', 'records'), '≥ 30')
  report.add('write.accountsPerSecond', median(samples.pages ?? []))
  await page.close()
}

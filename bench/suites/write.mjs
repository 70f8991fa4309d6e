import { callPage } from '../lib/callPage.mjs'
import { interleave, ratio } from '../lib/interleave.mjs'
import { median } from '../lib/median.mjs'
import { settle } from '../lib/settle.mjs'

/** Accounts into IndexedDB, in a worker. @param {import('../lib/Report.mjs').Suite} suite */
export async function write({ bench, report, rounds }) {
  const page = await bench.newPage()
  const writing = (/** @type {'pages' | 'records'} */ contender) => ({
    async sample() {
      await settle(bench.profile)
      return callPage(page, 'write', { contender })
    },
  })
  const contenders = { pages: writing('pages'), records: writing('records') }
  const samples = await interleave(contenders, Math.ceil(rounds / 3))
  report.add('write.xRecords', ratio(samples, 'pages', 'records'), '≥ 30')
  report.add('write.accountsPerSecond', median(samples.pages ?? []))
  await page.close()
}

import { callPage } from '../lib/callPage.mjs'
import { ratio } from '../lib/interleave.mjs'
import { median } from '../lib/median.mjs'
import { RANGE_ACCOUNTS, rangeFixture } from '../lib/rangeFixture.mjs'

/**
 * A range from the bytes of an answer to pages, in Chromium. @param
 * {import('../lib/Report.mjs').Suite} suite
 */
export async function range({ bench, report, rounds }) {
  const page = await bench.newPage()
  const samples = await callPage(page, 'range', { fixture: rangeFixture(), rounds })
  report.add('range.xEthereumJS', ratio(samples, 'simd', 'ethereumjs'), '≥ 150')
  report.add('range.accountsPerSecond', median(samples.simd ?? []) * RANGE_ACCOUNTS)
  report.add('range.plain.accountsPerSecond', median(samples.plain ?? []) * RANGE_ACCOUNTS)
  await page.close()
}

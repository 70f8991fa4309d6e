import { callPage } from '../lib/callPage.mjs'
import { ratio } from '../lib/interleave.mjs'

/** Keccak-256 in Chromium, in batches of 1,000. @param {import('../lib/Report.mjs').Suite} suite */
export async function keccak({ bench, report, rounds }) {
  const page = await bench.newPage()
  for (const size of [532, 110]) {
    const samples = await callPage(page, 'keccak', { size, rounds })
    report.add(`keccak.${size}.xNoble`, ratio(samples, 'simd', 'noble'), '≥ 20')
    report.add(`keccak.${size}.xHashWasm`, ratio(samples, 'simd', 'hash-wasm'), '≥ 2')
    report.add(`keccak.${size}.plain.xNoble`, ratio(samples, 'plain', 'noble'))
  }
  await page.close()
}

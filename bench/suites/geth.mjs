import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { interleave, ratio } from '../lib/interleave.mjs'
import { rangeContenders } from '../lib/rangeContenders.mjs'
import { rangeFixture } from '../lib/rangeFixture.mjs'
import { Sampler } from '../lib/Sampler.mjs'

const MODULE = `module bench

go 1.24

require github.com/ethereum/go-ethereum v1.17.5
`

/**
 * The same range in Node against go-ethereum, from decoded leaves. @param
 * {import('../lib/Report.mjs').Suite} suite
 */
export async function geth({ bench, report, rounds }) {
  const folder = join(bench.directory, 'geth')
  mkdirSync(folder)
  writeFileSync(join(folder, 'go.mod'), MODULE)
  const fixture = rangeFixture()
  writeFileSync(join(folder, 'range.json'), JSON.stringify(fixture))
  copyFileSync(fileURLToPath(new URL('../geth/main.go', import.meta.url)), join(folder, 'main.go'))
  const { error, status, stderr } = spawnSync('go', ['build', '-mod=mod', '-o', 'range', '.'], {
    ...{ cwd: folder, encoding: 'utf8', timeout: 300_000 },
  })
  if (error || status !== 0) {
    const reason = error ? `no Go (${error.message})` : stderr.trim().split('\n').at(-1)
    report.omit('range.xGeth', reason ?? '')
    return
  }
  const go = new Sampler(join(folder, 'range'), [join(folder, 'range.json')])
  if ((await go.hello()) !== 'true') throw new Error('geth and Cambium disagree')
  const { simd } = await rangeContenders(fixture, ['simd'])
  const samples = await interleave({ simd: () => simd?.(), go }, rounds)
  await go.stop()
  report.add('range.xGeth', ratio(samples, 'simd', 'go'), '≥ 1.0')
}

import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { interleave, ratio } from '../lib/interleave.mjs'
import { BATCH, expectedDigest, keccakContenders } from '../lib/keccakContenders.mjs'
import { Sampler } from '../lib/Sampler.mjs'

/** Keccak-256 in Node against C. @param {import('../lib/Report.mjs').Suite} suite */
export async function native({ bench, report, rounds }) {
  const source = fileURLToPath(new URL('../native/keccak.c', import.meta.url))
  const program = join(bench.directory, 'keccak')
  const args = ['-O3', '-mavx2', '-mbmi2', source, '-o', program]
  const { error, status, stderr } = spawnSync('gcc', args, { encoding: 'utf8' })
  if (error || status !== 0) {
    const reason = error ? `no gcc (${error.message})` : stderr.split('\n', 1)[0]
    for (const size of [532, 110]) report.omit(`keccak.${size}.xNativeC`, reason ?? '')
    return
  }
  for (const size of [532, 110]) {
    const c = new Sampler(program, [String(size), String(BATCH)])
    if ((await c.hello()) !== expectedDigest(size)) throw new Error('C and JavaScript disagree')
    const { simd } = await keccakContenders(size)
    const samples = await interleave({ simd: () => simd?.(), c }, rounds)
    await c.stop()
    report.add(`keccak.${size}.xNativeC`, ratio(samples, 'simd', 'c'), '≥ 1.0')
  }
}

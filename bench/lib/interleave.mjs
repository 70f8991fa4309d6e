import { median } from './median.mjs'

/**
 * Contenders take a sample of at least this long in each round, in milliseconds: far above the
 * clock's grain.
 */
const SAMPLE_MS = 20

/**
 * A contender does its work once; or, where it runs in another process, takes a sample there and
 * resolves with its runs per second.
 *
 * @typedef {(() => unknown) | { sample: (ms: number) => Promise<number> }} Contender
 */

/**
 * Times contenders in turns, so a slow moment of the machine slows all of them.
 *
 * @param {Record<string, Contender>} contenders
 * @param {number} rounds
 * @returns {Promise<Record<string, number[]>>} runs per second, one of each round
 */
export async function interleave(contenders, rounds) {
  /** @type {Record<string, number[]>} */
  const samples = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]))
  // One round more than asked for: the first one compiles and is thrown away.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, contender] of Object.entries(contenders)) {
      const perSecond =
        typeof contender === 'function'
          ? await sample(contender)
          : await contender.sample(SAMPLE_MS)
      if (round > 0) samples[name]?.push(perSecond)
    }
  }
  return samples
}

/**
 * How many times as fast one contender is as another: the median of the ratios pair by pair within
 * each round.
 *
 * @param {Record<string, number[]>} samples
 * @param {string} name
 * @param {string} reference
 */
export function ratio(samples, name, reference) {
  const base = samples[reference] ?? []
  return median((samples[name] ?? []).map((value, round) => value / (base[round] ?? Number.NaN)))
}

/** @param {() => unknown} run */
async function sample(run) {
  const start = performance.now()
  let runs = 0
  let elapsed = 0
  do {
    await run()
    runs++
    elapsed = performance.now() - start
  } while (elapsed < SAMPLE_MS)
  return (runs * 1000) / elapsed
}

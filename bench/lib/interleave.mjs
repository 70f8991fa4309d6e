/** Contenders take a sample of at least this long in each round, in milliseconds: far above the clock's grain. */
const SAMPLE_MS = 20

/**
 * Times contenders in turns, so that whatever slows the machine down slows all of them.
 *
 * @param {Record<string, () => unknown>} contenders each does the same work once
 * @param {number} rounds
 * @param {string} reference the contender to compare with
 * @returns {Promise<Record<string, {perSecond: number, ratio: number}>>} medians: runs per second, and how many times as
 *   fast as the reference, taken pair by pair within each round
 */
export async function interleave(contenders, rounds, reference) {
  const names = Object.keys(contenders)
  /** @type {Record<string, number[]>} */
  const samples = Object.fromEntries(names.map((name) => [name, []]))
  // One round more than asked for: the first one compiles and is thrown away.
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const perSecond = await sample(/** @type {() => unknown} */ (contenders[name]))
      if (round > 0) samples[name]?.push(perSecond)
    }
  }
  const base = /** @type {number[]} */ (samples[reference])
  return Object.fromEntries(
    names.map((name) => {
      const own = /** @type {number[]} */ (samples[name])
      const ratio = median(own.map((value, round) => value / /** @type {number} */ (base[round])))
      return [name, { perSecond: median(own), ratio }]
    }),
  )
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

/** @param {number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = /** @type {number} */ (sorted[middle])
  return sorted.length % 2 ? upper : (upper + /** @type {number} */ (sorted[middle - 1])) / 2
}

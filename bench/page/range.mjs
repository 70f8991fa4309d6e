import { interleave } from '../lib/interleave.mjs'
import { rangeContenders } from '../lib/rangeContenders.mjs'

/** @param {{ fixture: import('../lib/rangeFixture.mjs').RangeFixture, rounds: number }} options */
export async function range({ fixture, rounds }) {
  return interleave(await rangeContenders(fixture, ['simd', 'plain']), rounds)
}

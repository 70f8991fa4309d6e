import { interleave } from '../lib/interleave.mjs'
import { keccakContenders } from '../lib/keccakContenders.mjs'

/** @param {{ size: number, rounds: number }} options */
export async function keccak({ size, rounds }) {
  return interleave(await keccakContenders(size), rounds)
}

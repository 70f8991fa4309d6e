import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { createKeccak } from 'hash-wasm'
import { createVerifier } from '../../dist/verifier/createVerifier.js'

/** Inputs of one batch: as many nodes as a level of a large range has. */
export const BATCH = 1_000

/** The hash of the last input of a batch, which all contenders must find. */
export function expectedDigest(/** @type {number} */ size) {
  return bytesToHex(keccak_256(/** @type {Uint8Array} */ (inputsOf(size).at(-1))))
}

/**
 * Who hashes batches of 1,000 inputs, copies into and out of wasm included.
 *
 * @param {number} size bytes of each input: a leaf has about 110, a full branch 532
 * @returns {Promise<Record<string, () => unknown>>}
 */
export async function keccakContenders(size) {
  const inputs = inputsOf(size)
  const hashWasm = await createKeccak(256)
  const builds = await Promise.all(
    /** @type {const} */ (['simd', 'plain']).map((build) => createVerifier({ build })),
  )
  const last = /** @type {Uint8Array} */ (inputs.at(-1))
  const answers = builds.map((build) => bytesToHex(build.keccak256Batch(inputs).slice(-32)))
  answers.push(hashWasm.init().update(last).digest('hex'))
  for (const answer of answers) {
    if (answer !== expectedDigest(size)) throw new Error('contenders disagree')
  }
  return {
    ...Object.fromEntries(builds.map((it) => [it.build, () => it.keccak256Batch(inputs)])),
    noble: () => inputs.map((input) => keccak_256(input)),
    'hash-wasm': () => inputs.map((input) => hashWasm.init().update(input).digest('binary')),
  }
}

function inputsOf(/** @type {number} */ size) {
  return Array.from({ length: BATCH }, (_, index) =>
    Uint8Array.from({ length: size }, (_, at) => (index * 31 + at * 7) & 255),
  )
}

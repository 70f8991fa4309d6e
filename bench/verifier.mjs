// Times the three builds of the verifier against the libraries that a page would take otherwise, in Node. Contenders take
// turns within each round, and their answers are compared before anything is timed. See README.md beside this file.
//
//   npm run bench [-- --json] [-- --rounds N]
import { verifyMerkleRangeProof } from '@ethereumjs/mpt'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { createKeccak } from 'hash-wasm'
import { command, flags } from '../scripts/lib/command.mjs'
import { setup } from '../scripts/setup.mjs'
import { interleave } from './lib/interleave.mjs'

/** Of a state of this size the bench proves a range in the middle, with both edges. */
const STATE_ACCOUNTS = 8_000
const RANGE_ACCOUNTS = 4_000
/** Inputs of one batch: as many nodes as a level of a large range has. */
const BATCH = 1_000

await command(async () => {
  const options = flags({
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '15' },
  })
  await setup({ log: console.error })
  const rounds = Number(options.rounds)
  /** @type {Record<string, number>} */
  const results = {}
  for (const [name, { contenders, reference, unit }] of Object.entries(await suites())) {
    const timed = await interleave(contenders, rounds, reference)
    console.error(`\n${name}, ${unit.name} per second, and × ${reference}`)
    for (const [contender, { perSecond, ratio }] of Object.entries(timed)) {
      results[`${name}.${contender}.perSecond`] = Math.round(perSecond * unit.count)
      results[`${name}.${contender}.x`] = Number(ratio.toFixed(2))
      const figure = Math.round(perSecond * unit.count)
        .toLocaleString('en')
        .padStart(12)
      console.error(`  ${contender.padEnd(12)}${figure}  × ${ratio.toFixed(1)}`)
    }
  }
  if (options.json) console.log(JSON.stringify(results))
  return 0
})

/**
 * @typedef {object} Suite
 * @property {Record<string, () => unknown>} contenders
 * @property {string} reference
 * @property {{name: string, count: number}} unit what one run handles, and how many of them
 */

/** @returns {Promise<Record<string, Suite>>} */
async function suites() {
  const { createVerifier } = await import('../dist/trie/createVerifier.js')
  const builds = await Promise.all(
    /** @type {const} */ (['simd', 'plain', 'js']).map((build) => createVerifier({ build })),
  )
  return {
    'keccak.110': await keccakSuite(builds, 110),
    'keccak.532': await keccakSuite(builds, 532),
    range: await rangeSuite(builds),
  }
}

/** @typedef {import('../dist/wasm/Verifier.js').Verifier} Verifier */

/**
 * @param {Verifier[]} builds
 * @param {number} size bytes of each input: a leaf has about 110, a full branch 532
 * @returns {Promise<Suite>}
 */
async function keccakSuite(builds, size) {
  const inputs = Array.from({ length: BATCH }, (_, index) =>
    Uint8Array.from({ length: size }, (_, at) => (index * 31 + at * 7) & 255),
  )
  const hashWasm = await createKeccak(256)
  const last = /** @type {Uint8Array} */ (inputs.at(-1))
  const expected = bytesToHex(keccak_256(last))
  const answers = builds.map((build) => bytesToHex(build.keccak256Batch(inputs).slice(-32)))
  answers.push(hashWasm.init().update(last).digest('hex'))
  for (const answer of answers) if (answer !== expected) throw new Error('contenders disagree')
  return {
    contenders: {
      ...Object.fromEntries(
        builds.map((build) => [build.build, () => build.keccak256Batch(inputs)]),
      ),
      noble: () => inputs.map((input) => keccak_256(input)),
      'hash-wasm': () => inputs.map((input) => hashWasm.init().update(input).digest('binary')),
    },
    reference: 'noble',
    unit: { name: 'hashes', count: BATCH },
  }
}

/**
 * @param {Verifier[]} builds
 * @returns {Promise<Suite>}
 */
async function rangeSuite(builds) {
  const { memoryState, syntheticAccounts } = await import('../dist/testing/index.js')
  const { packLeaves } = await import('../dist/leaves/packLeaves.js')
  const { fromHex } = await import('../dist/bytes/hex.js')
  const state = memoryState(syntheticAccounts({ seed: 1, accounts: STATE_ACCOUNTS }))
  const root = fromHex(state.stateRoot, 'root', 32)
  const trie = state.source.state(root)?.accounts
  if (trie === undefined) throw new Error('the state does not have its own root')
  const entries = [...trie.leaves(new Uint8Array(32))].slice(2_000, 2_000 + RANGE_ACCOUNTS)
  const [first, last] = [entries[0]?.[0], entries.at(-1)?.[0]]
  if (first === undefined || last === undefined) throw new Error('the state is too small')
  const proof = [...trie.prove(first), ...trie.prove(last)]
  const claim = { root, origin: first, leaves: packLeaves(entries), proof }

  const hashWasm = await createKeccak(256)
  const fastHash = (/** @type {Uint8Array} */ input) =>
    hashWasm.init().update(input).digest('binary')
  const keys = entries.map(([key]) => key)
  const values = entries.map(([, value]) => value)
  const mpt = () => verifyMerkleRangeProof(root, first, last, keys, values, proof, fastHash)
  for (const more of [await mpt(), ...builds.map((build) => build.verifyRange(claim))]) {
    if (!more) throw new Error('contenders disagree')
  }
  return {
    contenders: {
      ...Object.fromEntries(builds.map((build) => [build.build, () => build.verifyRange(claim)])),
      ethereumjs: mpt,
    },
    reference: 'ethereumjs',
    unit: { name: 'accounts', count: RANGE_ACCOUNTS },
  }
}

import { verifyMerkleRangeProof } from '@ethereumjs/mpt'
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { createKeccak } from 'hash-wasm'
import { expandSlimAccounts } from '../../dist/account/expandSlimAccounts.js'
import { leafKey, leafValue } from '../../dist/leaves/Leaves.js'
import { decodeMessageHead } from '../../dist/snap/decodeMessage.js'
import { KeyPrefix } from '../../dist/store/directory/KeyPrefix.js'
import { splitLeaves } from '../../dist/store/directory/splitLeaves.js'
import { encodePage } from '../../dist/store/page/encodePage.js'
import { Page } from '../../dist/store/page/Page.js'
import { createVerifier } from '../../dist/verifier/createVerifier.js'

/** The store's limit. */
const PAGE_BYTES = 32 * 1024

/**
 * Who proves a range: Cambium from the bytes of the answer to the pages that are stored, the others
 * from decoded leaves.
 *
 * @param {import('./rangeFixture.mjs').RangeFixture} fixture
 * @param {readonly import('cambium').VerifierBuild[]} builds
 */
export async function rangeContenders(fixture, builds) {
  const [root, origin, frame] = [fixture.root, fixture.origin, fixture.frame].map(hexToBytes)
  if (!root || !origin || !frame) throw new Error('no fixture')
  const all = new KeyPrefix(new Uint8Array(), 0)
  // What is proven lies in the frame then, so each run receives it anew.
  const received = new Uint8Array(frame.length)
  const claim = { root, origin, last: new Uint8Array(32).fill(0xff) }
  /** @type {Uint8Array[]} */
  let pages = []
  const cambium =
    (/** @type {import('../../dist/verifier/Verifier.js').Verifier} */ verifier) => () => {
      received.set(frame)
      const { fields } = decodeMessageHead(received)
      const proven = verifier.readAccounts({ frame: received, fieldsAt: fields.position }, claim)
      if (proven === undefined) throw new Error('no range')
      const { accounts, more } = proven
      const cuts = splitLeaves(all, accounts, PAGE_BYTES)
      pages = cuts.map(({ from, to }) => encodePage(accounts, from, to))
      return more
    }
  const hashWasm = await createKeccak(256)
  const fastHash = (/** @type {Uint8Array} */ input) =>
    hashWasm.init().update(input).digest('binary')
  const keys = fixture.keys.map(hexToBytes)
  const values = fixture.values.map(hexToBytes)
  const proof = fixture.proof.map(hexToBytes)
  const last = keys.at(-1) ?? null
  const contenders = {
    ...Object.fromEntries(
      await Promise.all(
        builds.map(async (build) => [build, cambium(await createVerifier({ build }))]),
      ),
    ),
    ethereumjs: () => verifyMerkleRangeProof(root, origin, last, keys, values, proof, fastHash),
  }
  const wanted = fixture.keys.map((key, index) => `${key} ${fixture.values[index]}`)
  for (const [name, verify] of Object.entries(contenders)) {
    if ((await verify()) !== true) throw new Error('contenders disagree')
    if (name === 'ethereumjs') continue
    const stored = pages.flatMap((page) => leavesOf(page))
    if (stored.join() !== wanted.join()) throw new Error(`${name} made other pages`)
  }
  return contenders
}

/** What a page has, as the trie has it. */
function leavesOf(/** @type {Uint8Array} */ page) {
  const leaves = expandSlimAccounts(new Page(page, 32).leaves())
  return Array.from({ length: leaves.count }, (_, index) => {
    return `${bytesToHex(leafKey(leaves, index))} ${bytesToHex(leafValue(leaves, index))}`
  })
}

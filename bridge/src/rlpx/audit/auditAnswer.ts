import {
  AccountEncodingError,
  type AccountRange,
  type ByteCodes,
  compareBytes,
  createVerifier,
  decodeCompactPath,
  emptyRoot,
  expandSlimAccounts,
  FIRST_HASH,
  type GetByteCodes,
  type GetStorageRanges,
  type GetTrieNodes,
  packLeaves,
  type RangeClaim,
  RangeProofError,
  type SnapRequest,
  type SnapResponse,
  type StorageRanges,
  type TrieNodes,
  type Verifier,
} from 'cambium/server'
import type { Ask } from './Ask.ts'
import { ProvenTries } from './ProvenTries.ts'

/**
 * Looks whether an answer is what the state under its root holds, as a browser does: with proofs,
 * and nothing trusted. What a browser knows already from earlier answers, the roots of storage
 * tries and the hashes of trie nodes, is asked for.
 *
 * @returns whether it is
 * @throws {Error} when there is no telling: nobody has the state any more
 */
export async function auditAnswer(
  request: SnapRequest,
  answer: SnapResponse,
  ask: Ask,
): Promise<boolean> {
  const verifier = await createVerifier()
  switch (request.kind) {
    case 'GetAccountRange': {
      const { accounts, proof } = answer as AccountRange
      const { root, origin } = request
      return isProven(
        () => ({ root, origin, leaves: expandSlimAccounts(accounts), proof }),
        verifier,
      )
    }
    case 'GetByteCodes':
      return areCodes(request, answer as ByteCodes, verifier)
    case 'GetStorageRanges':
      return areSlots(request, answer as StorageRanges, verifier, ask)
    case 'GetTrieNodes':
      return areNodes(request, answer as TrieNodes, new ProvenTries(request.root, verifier, ask))
  }
}

function isProven(claim: () => RangeClaim, verifier: Verifier): boolean {
  try {
    verifier.verifyRange(claim())
    return true
  } catch (error) {
    if (error instanceof RangeProofError || error instanceof AccountEncodingError) return false
    throw error
  }
}

/** Codes come in the order of their hashes; some may be left out. */
function areCodes({ hashes }: GetByteCodes, { codes }: ByteCodes, verifier: Verifier): boolean {
  return isSubsequence(
    codes.map((code) => verifier.keccak256(code)),
    hashes,
  )
}

async function areSlots(
  request: GetStorageRanges,
  { slots, proof }: StorageRanges,
  verifier: Verifier,
  ask: Ask,
): Promise<boolean> {
  const tries = new ProvenTries(request.root, verifier, ask)
  const origin = request.origin.length > 0 ? request.origin : FIRST_HASH
  // A proof without slots proves that there are none from the origin on.
  const lists = slots.length === 0 ? [packLeaves([])] : slots
  let next = 0
  for (const [index, leaves] of lists.entries()) {
    // An account without slots has no list.
    let root: Uint8Array = emptyRoot()
    while (next < request.accounts.length && compareBytes(root, emptyRoot()) === 0) {
      root = (await tries.storageRoot(request.accounts[next++]!)) ?? emptyRoot()
    }
    const isLast = index === lists.length - 1
    // What a limit cut off has no proof. No page asks so, and there is no telling whether it is
    // right.
    if (index === 0 && request.limit.length > 0 && isLast && proof.length === 0) return true
    const claim = {
      ...{ root, leaves },
      origin: index === 0 ? origin : FIRST_HASH,
      proof: isLast && proof.length > 0 ? proof : undefined,
    }
    if (!isProven(() => claim, verifier)) return false
  }
  return true
}

/**
 * Nodes come in the order of their paths; some may be left out, and empty ones stand for those that
 * are not there.
 */
async function areNodes(
  { paths }: GetTrieNodes,
  { nodes }: TrieNodes,
  tries: ProvenTries,
): Promise<boolean> {
  const expected: Uint8Array[] = []
  for (const set of paths) {
    const account = set.length > 1 ? set[0] : undefined
    for (const path of set.slice(account === undefined ? 0 : 1)) {
      const node = await tries.node(account, decodeCompactPath(path).path)
      if (node !== undefined) expected.push(node)
    }
  }
  return isSubsequence(
    nodes.filter(({ length }) => length > 0),
    expected,
  )
}

function isSubsequence(items: readonly Uint8Array[], all: readonly Uint8Array[]): boolean {
  let place = 0
  return items.every((item) => {
    while (place < all.length && compareBytes(all[place]!, item) !== 0) place++
    return place++ < all.length
  })
}

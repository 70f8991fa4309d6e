import { expandSlimAccounts } from '../../account/expandSlimAccounts.ts'
import { findContracts } from '../../account/findContracts.ts'
import { nextHash } from '../../base/bytes/hash32.ts'
import { leafKey, lowerBound, sliceLeaves } from '../../leaves/Leaves.ts'
import type { AccountsClaim, VerifiedAccounts, Verifier } from '../../verifier/Verifier.ts'
import type { AnswerFrame } from '../AnswerFrame.ts'
import type { AccountRange } from '../SnapMessage.ts'

/**
 * Proves an answer with accounts, and lists the contracts among them. If the verifier does not read
 * it in one go, it is decoded here: far slower, but with an error that names the fault. Takes the
 * frame over: verified leaves may lie in it.
 *
 * @returns `undefined` where the peer has nothing to give
 * @throws {PeerProtocolError} when it cannot be decoded
 * @throws {AccountEncodingError} when an account is not in canonical slim form
 * @throws {RangeProofError} when the claim does not hold
 */
export function verifyAccounts(
  answer: AnswerFrame<AccountRange>,
  claim: AccountsClaim,
  verifier: Verifier,
): VerifiedAccounts | undefined {
  const verified = verifier.readAccounts(answer, claim)
  if (verified !== undefined) return verified
  const { root, origin, last } = claim
  const { accounts, proof } = answer.decode()
  if (accounts.count === 0 && proof.length === 0) return undefined
  // Without proof the answer can only be the whole state, from its beginning.
  const whole = proof.length === 0 && origin.every((byte) => byte === 0)
  const more = verifier.verifyRange({
    root,
    origin,
    leaves: expandSlimAccounts(accounts),
    proof: whole ? undefined : proof,
  })
  const end = nextHash(last)
  const kept = end ? sliceLeaves(accounts, 0, lowerBound(accounts, end)) : accounts
  const lastKey = accounts.count === 0 ? undefined : leafKey(accounts, accounts.count - 1).slice()
  return { accounts: kept, lastKey, more, contracts: findContracts(kept) }
}

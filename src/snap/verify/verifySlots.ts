import { FIRST_HASH, nextHash } from '../../base/bytes/hash32.ts'
import { leafKey, lowerBound, sliceLeaves } from '../../leaves/Leaves.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import { prefixLeaves } from '../../leaves/prefixLeaves.ts'
import { RangeProofError } from '../../verifier/errors.ts'
import type { SlotsClaim, VerifiedSlots, Verifier } from '../../verifier/Verifier.ts'
import type { AnswerFrame } from '../AnswerFrame.ts'
import type { StorageRanges } from '../SnapMessage.ts'

/**
 * Proves an answer with slots: those of each contract against its own storage root. As
 * `verifyAccounts`, it decodes what the verifier does not read in one go.
 *
 * @returns `undefined` where the peer has nothing to give
 * @throws {PeerProtocolError} when it cannot be decoded
 * @throws {RangeProofError} when the claim does not hold
 */
export function verifySlots(
  answer: AnswerFrame<StorageRanges>,
  claim: SlotsClaim,
  verifier: Verifier,
): VerifiedSlots | undefined {
  const verified = verifier.readSlots(answer, claim)
  if (verified !== undefined) return verified
  const { contracts, chunk } = claim
  const { slots, proof } = answer.decode()
  if (slots.length === 0 && proof.length === 0) return undefined
  // A proof without slots proves that a contract has none from the origin on.
  const lists = slots.length === 0 ? [packLeaves([])] : [...slots]
  if (lists.length > contracts.length) {
    throw new RangeProofError(
      'invalid proof',
      `${lists.length} lists for ${contracts.length} contracts`,
    )
  }
  let more = false
  for (const [index, leaves] of lists.entries()) {
    const isLast = index === lists.length - 1
    more = verifier.verifyRange({
      root: contracts[index]!.storageRoot,
      origin: chunk?.first ?? FIRST_HASH,
      leaves,
      proof: chunk !== undefined || (isLast && proof.length > 0) ? proof : undefined,
    })
  }
  const last = lists.at(-1)!
  const lastKey = last.count === 0 ? undefined : leafKey(last, last.count - 1).slice()
  const end = chunk && nextHash(chunk.last)
  const kept = end ? sliceLeaves(last, 0, lowerBound(last, end)) : last
  return {
    slots: prefixLeaves(
      lists.map((leaves, index) => {
        return [contracts[index]!.accountHash, leaves === last ? kept : leaves] as const
      }),
    ),
    contracts: lists.length,
    lastCount: last.count,
    lastKey,
    more,
  }
}

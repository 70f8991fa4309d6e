import type { Leaves } from '../../leaves/Leaves.ts'
import type { SnapResponse } from '../../snap/SnapMessage.ts'

/**
 * How much an answer brought, as `PeerRate` counts it: bytes of leaves and proof for ranges, items for codes and nodes.
 * An empty item, which stands for a node that does not exist, counts for nothing.
 */
export function answerAmount(answer: SnapResponse): number {
  switch (answer.kind) {
    case 'AccountRange':
      return leavesBytes(answer.accounts) + proofBytes(answer.proof)
    case 'StorageRanges':
      return answer.slots.reduce((sum, slots) => sum + leavesBytes(slots), proofBytes(answer.proof))
    case 'ByteCodes':
      return answer.codes.length
    case 'TrieNodes':
      return answer.nodes.filter(({ length }) => length > 0).length
  }
}

function leavesBytes({ keys, values }: Leaves): number {
  return keys.length + values.length
}

function proofBytes(proof: readonly Uint8Array[]): number {
  return proof.reduce((sum, { length }) => sum + length, 0)
}

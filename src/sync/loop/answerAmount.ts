import type { AnyAnswer } from './Work.ts'

/**
 * How much an answer brought, as `PeerRate` counts it: bytes for ranges, items for codes and nodes.
 * An empty item, which stands for a node that does not exist, counts for nothing.
 */
export function answerAmount(answer: AnyAnswer): number {
  if ('codes' in answer) return answer.codes.length
  if ('nodes' in answer) return answer.nodes.filter(({ length }) => length > 0).length
  return answer.frame.length - answer.fieldsAt
}

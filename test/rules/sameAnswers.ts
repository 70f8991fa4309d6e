import type { Ask } from './Ask.ts'
import { normalAnswer } from './normalAnswer.ts'
import { questions } from './questions.ts'
import type { RuleState } from './RuleState.ts'

/** A rule whose question two servers answer differently, each answer as `normalAnswer` shows it. */
export interface AnswerDifference {
  rule: string
  a: string
  b: string
}

/**
 * Puts the questions of all rules to two servers that have the same state, and compares the answers
 * byte by byte, in their normal form. Both must aim at the same number of bytes, `state.mostBytes`,
 * for the questions that ask for more.
 *
 * @returns the rules whose answers differ; none where all are the same
 */
export async function sameAnswers(a: Ask, b: Ask, state: RuleState): Promise<AnswerDifference[]> {
  const differences: AnswerDifference[] = []
  for (const { rule, frame } of questions(state)) {
    // One after the other, since a pipe takes over what it sends, and a relay must not answer both
    // from one cache.
    const first = shown(await a(frame.slice()))
    const second = shown(await b(frame.slice()))
    if (first !== second) differences.push({ rule: rule.name, a: first, b: second })
  }
  return differences
}

function shown(answer: Uint8Array | 'closed'): string {
  try {
    return normalAnswer(answer)
  } catch (error) {
    return (error as Error).message
  }
}

import { JsVerifier } from '../../src/verifier/JsVerifier.ts'
import type { Ask } from './Ask.ts'
import { checkAnswer, type RangeProver } from './checkAnswer.ts'
import { questions } from './questions.ts'
import type { RuleState } from './RuleState.ts'
import { serverRules } from './serverRules.ts'

/** How a server keeps the rules. */
export interface RuleReport {
  /** The names of the rules that it keeps. */
  kept: readonly string[]
  /**
   * Those that it breaks, each with what is wrong with the answer: `'codes: one byte: one code:
   * expected …'`.
   */
  broken: readonly string[]
  /** Those that the state gives no occasion for. */
  skipped: readonly string[]
}

/**
 * Puts all rules to a server, one after the other. It always ends with a report, unless the server
 * does not answer at all.
 *
 * @param state the truth about the state that the server has
 * @param provers must all find proofs good. @default the verifier in JavaScript
 * @example
 * const report = await runRules(ask, describeState(source, root))
 * expect(report.broken).toEqual([])
 */
export async function runRules(
  ask: Ask,
  state: RuleState,
  provers: readonly RangeProver[] = [(claim) => new JsVerifier().verifyRange(claim)],
): Promise<RuleReport> {
  const kept: string[] = []
  const broken: string[] = []
  const asked = questions(state)
  for (const { rule, check, frame, request } of asked) {
    const answer = await ask(frame)
    const problem = await checkAnswer(request, check.expected, answer, provers)
    if (problem === undefined) kept.push(rule.name)
    else broken.push(`${rule.name}: ${problem}`)
  }
  const names = new Set(asked.map(({ rule }) => rule.name))
  const skipped = serverRules.map(({ name }) => name).filter((name) => !names.has(name))
  return { kept, broken, skipped }
}

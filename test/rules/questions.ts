import { encodeMessage } from '../../src/snap/encodeMessage.ts'
import type { SnapRequest } from '../../src/snap/SnapMessage.ts'
import type { Rule, RuleCheck } from './Rule.ts'
import type { RuleState } from './RuleState.ts'
import { serverRules } from './serverRules.ts'

/** A rule, applied to a state and ready to be asked. */
export interface AskedRule {
  rule: Rule
  check: RuleCheck
  frame: Uint8Array
  /** `undefined` where the frame is no request. */
  request: SnapRequest | undefined
}

/** The questions of all rules that apply to a state, in the order of the table. */
export function questions(state: RuleState): AskedRule[] {
  return serverRules.flatMap((rule, index) => {
    const check = rule.apply(state)
    if (check === undefined) return []
    const { question, id = BigInt(index + 1) } = check
    if ('frame' in question) {
      return { rule, check, frame: question.frame.slice(), request: undefined }
    }
    const request: SnapRequest = { ...question, id }
    return { rule, check, frame: encodeMessage(request), request }
  })
}

import type { AnswerFrame } from '../../../src/snap/AnswerFrame.ts'
import { decodeMessage, decodeMessageHead } from '../../../src/snap/decodeMessage.ts'
import type { SnapResponse } from '../../../src/snap/SnapMessage.ts'

/** The answer in a frame, as the client hands it over. */
export function answerFrame<Response extends SnapResponse>(
  frame: Uint8Array,
): AnswerFrame<Response> {
  const { kind, id, fields } = decodeMessageHead(frame)
  const decode = () => decodeMessage(frame) as Response
  return { kind: kind as Response['kind'], id, frame, fieldsAt: fields.position, decode }
}

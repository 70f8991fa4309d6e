import type { SnapRequest, SnapResponse } from '../../../src/snap/SnapMessage.ts'
import type { SnapHandler } from '../../../src/snap/server/serveSnap.ts'

/** The same peer with short answers, so that a small state takes many requests. */
export function capped(handler: SnapHandler, bytes: number): SnapHandler {
  return (request) => handler({ ...request, bytes: Math.min(bytes, request.bytes) })
}

type AnswerTo<Kind extends SnapRequest['kind']> = Extract<
  SnapResponse,
  { kind: Kind extends `Get${infer Answer}` ? Answer : never }
>

/** The same peer, except that answers of one kind are changed. */
export function altered<Kind extends SnapRequest['kind']>(
  handler: SnapHandler,
  kind: Kind,
  change: (
    answer: AnswerTo<Kind>,
    request: Extract<SnapRequest, { kind: Kind }>,
  ) => AnswerTo<Kind> | Promise<AnswerTo<Kind>>,
): SnapHandler {
  return async (request) => {
    const answer = await handler(request)
    if (request.kind !== kind) return answer
    return change(answer as AnswerTo<Kind>, request as Extract<SnapRequest, { kind: Kind }>)
  }
}

import { SNAP_KINDS, type SnapRequest, type SnapResponse } from './SnapMessage.ts'

/** The kind of the answers to a kind of request. */
export function answerKind(kind: SnapRequest['kind']): SnapResponse['kind'] {
  // On the wire, the code of an answer follows that of its request.
  return SNAP_KINDS[SNAP_KINDS.indexOf(kind) + 1] as SnapResponse['kind']
}

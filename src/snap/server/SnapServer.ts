import type { RawResponse } from '../RawResponse.ts'
import type { SnapRequest, SnapResponse } from '../SnapMessage.ts'

/**
 * Answers one request; the answer carries the request's id. More than a `SnapHandler`: the answer
 * may be one that is passed on unread.
 *
 * @throws {SnapRequestError} when the request is one that snap/1 does not allow
 */
export type SnapServer = (
  request: SnapRequest,
) => SnapResponse | RawResponse | Promise<SnapResponse | RawResponse>

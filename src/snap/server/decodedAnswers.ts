import { decodeMessage } from '../decodeMessage.ts'
import { encodeMessage } from '../encodeMessage.ts'
import type { RawResponse } from '../RawResponse.ts'
import type { SnapRequest, SnapResponse } from '../SnapMessage.ts'

/** A server whose answers are all in the form in which a client reads them. */
export function decodedAnswers(
  serve: (request: SnapRequest) => SnapResponse | RawResponse,
): (request: SnapRequest) => SnapResponse {
  return (request) => {
    const response = serve(request)
    return 'fields' in response
      ? (decodeMessage(encodeMessage(response)) as SnapResponse)
      : response
  }
}

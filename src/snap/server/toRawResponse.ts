import { decodeMessageHead } from '../decodeMessage.ts'
import { encodeMessage } from '../encodeMessage.ts'
import type { RawResponse } from '../RawResponse.ts'
import type { SnapResponse } from '../SnapMessage.ts'

/** An answer in the form in which it can be kept and sent again under other ids. */
export function toRawResponse(response: SnapResponse | RawResponse): RawResponse {
  if ('fields' in response) return response
  const { fields } = decodeMessageHead(encodeMessage(response))
  const { kind, id } = response
  return { kind, id, fields: fields.bytes.subarray(fields.position, fields.end) }
}

import { decodeMessage } from './decodeMessage.ts'
import { encodeMessage } from './encodeMessage.ts'
import type { SnapRequest, SnapResponse } from './SnapMessage.ts'
import type { StateSource } from './StateSource.ts'
import { stateServer } from './stateServer.ts'

/**
 * Answers snap/1 requests from a state source as `stateServer` does, in the form in which a client reads the answers: for
 * peers that tests look at or bend.
 *
 * @example
 * const answer = stateHandler(source)({ kind: 'GetByteCodes', id: 1n, hashes: [codeHash], bytes: 1024 })
 */
export function stateHandler(source: StateSource): (request: SnapRequest) => SnapResponse {
  const serve = stateServer(source)
  return (request) => {
    const response = serve(request)
    return 'fields' in response
      ? (decodeMessage(encodeMessage(response)) as SnapResponse)
      : response
  }
}

import type { StateSource } from '../../served/StateSource.ts'
import type { SnapRequest, SnapResponse } from '../SnapMessage.ts'
import { decodedAnswers } from './decodedAnswers.ts'
import { stateServer } from './stateServer.ts'

/**
 * Answers snap/1 requests from a state source as `stateServer` does, in the form in which a client
 * reads the answers: for peers that tests look at or bend. Decodes what was just written, which
 * takes as long again.
 *
 * @example
 * const answer = stateHandler(source)({ kind: 'GetByteCodes', id: 1n, hashes: [codeHash], bytes: 1024 })
 */
export function stateHandler(source: StateSource): (request: SnapRequest) => SnapResponse {
  return decodedAnswers(stateServer(source))
}

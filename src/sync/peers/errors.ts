import { CambiumError } from '../../base/CambiumError.ts'
import type { WorkKind } from './WorkKind.ts'

const NOUNS: Readonly<Record<WorkKind, string>> = {
  accounts: 'accounts',
  storage: 'storage',
  codes: 'codes',
  healNodes: 'trie nodes',
  healCodes: 'codes',
}

/**
 * A peer has nothing to give of what was asked for; it is asked for that kind again after a while,
 * others meanwhile.
 */
export class StateUnavailableError extends CambiumError {
  constructor(peer: string, kind: WorkKind) {
    super('STATE_UNAVAILABLE', `${peer} has no ${NOUNS[kind]} of this state`)
  }
}

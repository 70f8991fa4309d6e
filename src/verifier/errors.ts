import { CambiumError } from '../base/CambiumError.ts'

/** Why a range claim does not hold; the words are those of the reference implementation. */
export const RANGE_PROOF_FAULTS = [
  'range is not monotonically increasing',
  'range contains path prefixes',
  'range contains deletion',
  'inconsistent proof data',
  'inconsistent edge keys',
  'invalid proof',
  'proof node missing',
  'bad proof node',
  'more entries available',
  'unexpected key-value pairs preceding the requested range',
] as const

export type RangeProofFault = (typeof RANGE_PROOF_FAULTS)[number]

/** A range that a peer delivered is not what the trie under the root holds. */
export class RangeProofError extends CambiumError {
  readonly fault: RangeProofFault

  constructor(fault: RangeProofFault, detail = '') {
    super('RANGE_PROOF', detail === '' ? fault : `${fault}, ${detail}`)
    this.fault = fault
  }
}

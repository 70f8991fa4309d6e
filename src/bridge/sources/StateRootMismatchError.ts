import { CambiumError } from '../../base/CambiumError.ts'
import type { Hex } from '../../base/hex.ts'

/** The root of a state's accounts is not the root that the state claims to have. */
export class StateRootMismatchError extends CambiumError {
  readonly declared: Hex
  readonly computed: Hex

  constructor(what: string, declared: Hex, computed: Hex) {
    super(
      'STATE_ROOT_MISMATCH',
      `${what} declares state root ${declared}, its accounts have ${computed}`,
    )
    this.declared = declared
    this.computed = computed
  }
}

import { CambiumError, type Hex, NETWORKS } from 'cambium/server'

/** A state file cannot be read, or what it holds is no state. */
export class StateFileError extends CambiumError {
  constructor(path: string, why: string, options?: { cause?: unknown }) {
    super('STATE_FILE', `state file ${path}: ${why}`, options)
  }
}

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

/** A name that is none of the networks whose genesis state is known. */
export class UnknownNetworkError extends CambiumError {
  constructor(received: unknown) {
    const known = Object.keys(NETWORKS).join(', ')
    super('UNKNOWN_NETWORK', `unknown network ${JSON.stringify(received)}; known are ${known}`)
  }
}

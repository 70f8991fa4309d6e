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

/** A dump lacks a part of an account that the account says it has. */
export class DumpIncompleteError extends CambiumError {
  constructor(what: 'code' | 'storage', account: string, declared: string, advice: string) {
    super('DUMP_INCOMPLETE', `${what} of ${account} is not in the dump: ${declared}; ${advice}`)
  }
}

/** A genesis file names a fork, active in its genesis block, whose rules are not known here. */
export class UnknownForkError extends CambiumError {
  constructor(key: string, value: unknown) {
    super(
      'UNKNOWN_FORK',
      `config.${key} is ${value}: the genesis block is under the rules of a fork that is not known ` +
        'here, so its hash cannot be computed',
    )
  }
}

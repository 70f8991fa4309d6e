import { CambiumError } from 'cambium/server'

/** The address of an execution client is malformed, or listed twice. */
export class EnodeError extends CambiumError {
  constructor(received: string, why: string, options?: { cause?: unknown }) {
    super('ENODE', `${JSON.stringify(received)}: ${why}`, options)
  }
}

/** None of the execution clients that a bridge is to ask can be reached when it starts. */
export class NoUpstreamError extends CambiumError {
  /** @param causes one for each */
  constructor(causes: readonly Error[]) {
    const reasons = causes.map(({ message }) => message).join('; ')
    super('NO_UPSTREAM', `no execution client can be reached: ${reasons}`, { cause: causes[0] })
  }
}

/** An execution client cannot be reached, does not speak what is needed, or broke the protocol. */
export class UpstreamError extends CambiumError {
  /** @param upstream what people see of its address */
  constructor(upstream: string, why: string, options?: { cause?: unknown }) {
    super('UPSTREAM', `upstream ${upstream}: ${why}`, options)
  }
}

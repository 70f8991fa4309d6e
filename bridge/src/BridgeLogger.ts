/** Tells something about what happens; `fields` are for machines. */
type Log = (fields: object, message: string) => void

/**
 * Where a bridge tells what happens: the part of pino's loggers that it uses.
 *
 * Nothing that a client asks for is ever told: no account, no slot, no path, no hash of code, as
 * they say who looks at what. Addresses of clients are told at `debug` and below.
 *
 * @example
 * createBridge({ state, identityDir, logger: pino() })
 */
export interface BridgeLogger {
  /** Each request: its kind, size and time. */
  trace: Log
  /** Each client that comes, goes, or is refused. */
  debug: Log
  /** Beginning and end of the service, and blocks. */
  info: Log
  /** What somebody should look at. */
  warn: Log
  error: Log
}

const nothing: Log = () => {}

/** Tells nobody. */
export const SILENT_LOGGER: BridgeLogger = {
  ...{ trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing },
}

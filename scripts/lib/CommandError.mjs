/**
 * Why a command must end, as one line for the person who ran it: bad input, or a failure it can
 * explain.
 */
export class CommandError extends Error {
  /**
   * @param {string} message
   * @param {ErrorOptions} [options]
   */
  constructor(message, options) {
    super(message, options)
    this.name = 'CommandError'
  }
}

import { CommandError } from '../CommandError.mjs'

/**
 * @param {string | undefined} pattern what `--grep` was given
 * @throws {CommandError} when it is no regular expression
 */
export function checkPattern(pattern) {
  if (pattern === undefined) return
  try {
    new RegExp(pattern)
  } catch (cause) {
    throw new CommandError(`"${pattern}" is no regular expression`, { cause })
  }
}

import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What the project names its temporary folders. */
const OURS = /^cambium-/

/**
 * Gives this process and all that it starts a temporary folder of their own, which is removed in
 * the end with all that other programs (browsers, npm) left in it.
 *
 * @param {import('../command.mjs').Defer} defer
 * @returns {() => string[]} the names of our folders and files that are in it
 */
export function privateTemporary(defer) {
  const directory = mkdtempSync(join(tmpdir(), 'cambium-test-'))
  defer(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }))
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) process.env[name] = directory
  return () => readdirSync(directory).filter((name) => OURS.test(name))
}

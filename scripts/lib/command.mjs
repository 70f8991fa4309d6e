import { parseArgs } from 'node:util'
import { CommandError } from './CommandError.mjs'

/**
 * @typedef {(undo: () => unknown) => void} Defer registers what must be undone when the command
 *   ends, however it ends; the last registered is undone first
 */

/**
 * Runs a command. In every case, all that was deferred is undone, an error is one line on stderr,
 * and the process ends.
 *
 * @param {(defer: Defer) => Promise<number | undefined>} main resolves with the exit status; none
 *   means 0
 */
export async function command(main) {
  /** @type {(() => unknown)[]} */
  const undos = []
  const undoAll = async () => {
    for (let undo = undos.pop(); undo; undo = undos.pop()) {
      // One that fails must not keep the others from being undone.
      await Promise.resolve(undo()).catch(() => {})
    }
  }
  let signalled = false
  for (const [signal, status] of /** @type {const} */ ([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ])) {
    process.once(signal, () => {
      signalled = true
      undoAll().finally(() => process.exit(status))
    })
  }
  /** @type {number | undefined} */
  let status
  try {
    status = await main((undo) => undos.push(undo))
  } catch (error) {
    // `main` fails as its resources are gone. The sender of the signal knows why.
    if (signalled) return
    console.error(process.env.DEBUG ? error : `error: ${oneLine(error)}`)
    status = 1
  }
  await undoAll()
  process.exit(status ?? 0)
}

/**
 * @template {import('node:util').ParseArgsOptionsConfig} Options
 * @param {Options} options in the form of `node:util`'s `parseArgs`
 * @returns what was given on the command line
 * @throws {CommandError} when that is not what the options allow
 */
export function flags(options) {
  try {
    return parseArgs({ options, allowPositionals: false }).values
  } catch (cause) {
    // Node adds advice on escaping after the first sentence, which helps nobody here.
    const [reason] = oneLine(cause).split('. ')
    throw new CommandError(`${reason}; --help lists what there is`, { cause })
  }
}

/** @param {unknown} error */
function oneLine(error) {
  const message = error instanceof Error ? error.message : String(error)
  return message.split('\n', 1)[0] ?? message
}

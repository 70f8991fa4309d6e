import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setPriority } from 'node:os'
import { fileURLToPath } from 'node:url'
import { CommandError } from '../CommandError.mjs'

/**
 * @typedef {object} Start
 * @property {string} root of the state, in hexadecimal
 * @property {number} port TCP, of the bridge's WebSocket
 * @property {{address: string, from: string | undefined}[]} clients how each reaches the bridge
 * @property {number} bytesPerSecond what each takes at most
 * @property {string[]} kinds what the hostile do, in turn
 *
 * @typedef {{bytes: number[], proven: number, failures: [string, number][]}} Look what each has
 *   received, and what all did
 */

/** Clients in a process of their own: their work must not be done by the thread that measures. */
export class ClientProcess {
  #child
  /** @type {Promise<never>} */
  #ended

  /**
   * @param {'honest' | 'abusive'} kind
   * @param {object} options
   * @param {number} options.niceness its priority below others: 0 to 19
   * @param {import('../command.mjs').Defer} options.defer
   */
  constructor(kind, { niceness, defer }) {
    const script = fileURLToPath(new URL(`./${kind}Process.mjs`, import.meta.url))
    this.#child = fork(script, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    this.#ended = once(this.#child, 'exit').then(() => {
      throw new CommandError(`the ${kind} clients ended`)
    })
    // The next question rejects with it.
    this.#ended.catch(() => {})
    defer(() => this.#child.kill('SIGKILL'))
    if (this.#child.pid !== undefined) setPriority(this.#child.pid, niceness)
  }

  get pid() {
    return this.#child.pid ?? 0
  }

  /**
   * @param {'start' | 'attack' | 'retreat' | 'look' | 'stop'} task
   * @param {Start} [data]
   * @returns {Promise<Look>} when it has been done; what it returns only for `look`
   */
  async do(task, data) {
    if (this.#child.connected) this.#child.send({ task, data })
    for (;;) {
      const [answer] = await Promise.race([once(this.#child, 'message'), this.#ended])
      if (answer.task === task) return answer.data
    }
  }
}

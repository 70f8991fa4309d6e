import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/**
 * A contender in a process of its own. It is sent one line with a time in milliseconds, runs for
 * about that long, and answers with a line: its runs per second. In between it waits, and disturbs
 * nobody.
 */
export class Sampler {
  #child
  #lines

  /**
   * @param {string} file
   * @param {string[]} args
   */
  constructor(file, args) {
    this.#child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface(this.#child.stdout)[Symbol.asyncIterator]()
  }

  /** The first line that it prints, when it is ready: its answer, to be compared. */
  hello() {
    return this.#line()
  }

  /** @param {number} ms */
  async sample(ms) {
    this.#child.stdin.write(`${ms}\n`)
    return Number(await this.#line())
  }

  async stop() {
    this.#child.stdin.end()
    if (this.#child.exitCode === null) await once(this.#child, 'exit')
  }

  async #line() {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error(`${this.#child.spawnfile} ended with ${this.#child.exitCode}`)
    return value
  }
}

/**
 * @typedef {import('../../../test/simulation/seeds.suite.ts').SimulationFailure} SimulationFailure
 */

/** On anything but a terminal a line comes this often. */
const PLAIN_INTERVAL_MS = 5_000

/**
 * A reporter for vitest that counts simulations: one line of progress, and each failure when it is
 * known.
 */
export class SimulationCounter {
  #stream
  #wanted
  #ran = 0
  /** @type {SimulationFailure[]} */
  #failed = []
  #began = Date.now()
  #shownAt = Date.now()

  /**
   * @param {number} wanted how many are to be run
   * @param {NodeJS.WriteStream} stream
   */
  constructor(wanted, stream) {
    this.#wanted = wanted
    this.#stream = stream
  }

  /** @param {import('vitest/node').TestCase} testCase */
  onTestCaseResult(testCase) {
    const { simulated } = testCase.meta()
    for (const failure of simulated?.failed ?? []) this.#tell(failure)
    this.#ran += simulated?.seeds ?? 0
    // What goes wrong outside of a simulation.
    if (simulated === undefined) this.#write(this.#errors(testCase))
    this.#show()
  }

  /**
   * @param {readonly unknown[]} _modules
   * @param {readonly {message?: string}[]} errors outside of every test
   */
  onTestRunEnd(_modules, errors) {
    for (const { message } of errors) this.#write(`✗ ${message}`)
  }

  end() {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[2K')
    return { ran: this.#ran, failed: this.#failed, seconds: this.#seconds }
  }

  get #seconds() {
    return (Date.now() - this.#began) / 1000
  }

  /** @param {import('vitest/node').TestCase} testCase */
  #errors(testCase) {
    const { errors = [] } = testCase.result()
    return [`✗ ${testCase.name}`, ...errors.map(({ message }) => message)].join('\n  ')
  }

  /** @param {SimulationFailure} failure */
  #tell(failure) {
    const { seed, message, course } = failure
    this.#failed.push(failure)
    const lines = message.split('\n')
    // Who runs one seed wants to know all about it.
    if (this.#wanted === 1) lines.push('the last that happened, after milliseconds:', ...course)
    lines.push(`again: npm run simulate -- --seed ${seed} --seeds 1`)
    this.#write(`✗ seed ${seed}: ${lines.join('\n  ')}`)
  }

  #show() {
    const { isTTY } = this.#stream
    if (!isTTY && Date.now() - this.#shownAt < PLAIN_INTERVAL_MS) return
    this.#shownAt = Date.now()
    const rate = (this.#ran / Math.max(this.#seconds, 0.001)).toFixed(1)
    const line = `${this.#ran} of ${this.#wanted} seeds, ${rate}/s, ${this.#failed.length} failed`
    this.#stream.write(isTTY ? `\r\x1b[2K${line}` : `${line}\n`)
  }

  /** @param {string} text */
  #write(text) {
    this.#stream.write(`${this.#stream.isTTY ? '\r\x1b[2K' : ''}${text}\n`)
  }
}

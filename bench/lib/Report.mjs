/**
 * @typedef {object} Suite what every suite is given
 * @property {import('./openBench.mjs').Bench} bench
 * @property {Report} report
 * @property {number} rounds
 * @property {import('../../scripts/lib/command.mjs').Defer} defer
 */

/** The figures of a run, told to people as they come. */
export class Report {
  /** @type {Record<string, number | string>} */
  figures = {}

  /**
   * @param {string} key
   * @param {number} value
   * @param {string} [target] what it should be, in words
   */
  add(key, value, target = '') {
    const digits = Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0
    this.figures[key] = Number(value.toFixed(digits))
    const figure = value.toLocaleString('en', { maximumFractionDigits: digits })
    console.error(`${key.padEnd(30)} ${figure.padStart(14)}   ${target}`)
  }

  /**
   * @param {string} key a figure that cannot be had here
   * @param {string} reason
   */
  omit(key, reason) {
    this.figures[`${key}.omitted`] = reason
    console.error(`${key.padEnd(30)} ${'omitted'.padStart(14)}   ${reason}`)
  }
}

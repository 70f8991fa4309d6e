/**
 * @typedef {object} Report the part of vitest's JSON report that counts
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {{assertionResults: {fullName: string, status: string}[]}[]} testResults
 */

/**
 * @typedef {object} Run of a scenario
 * @property {number | null} status vitest's exit status
 * @property {boolean} timedOut
 * @property {Report | undefined} report `undefined` if vitest wrote none
 */

/**
 * The regular expression that chooses scenarios by their titles.
 *
 * @param {readonly string[]} scenarios
 */
export function scenarioPattern(scenarios) {
  return scenarios.map((title) => title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
}

/**
 * Whether all tests of a scenario passed, one at least.
 *
 * @param {Report | undefined} report
 * @param {string} scenario
 */
export function scenarioPassed(report, scenario) {
  const tests = (report?.testResults ?? [])
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName }) => fullName.includes(scenario))
  return tests.length > 0 && tests.every(({ status }) => status === 'passed')
}

/**
 * What a scenario says of a mutant. A sync that waits for ever has failed. A mutant that cannot be
 * loaded has not: its scenario never ran.
 *
 * @param {Run} run
 * @returns {'passed' | 'failed' | 'did not run'}
 */
export function mutantOutcome({ status, timedOut, report }) {
  if (timedOut) return 'failed'
  const { numPassedTests = 0, numFailedTests = 0 } = report ?? {}
  if (numPassedTests + numFailedTests === 0) return 'did not run'
  return status === 0 ? 'passed' : 'failed'
}

import { relative } from 'node:path'

/**
 * @typedef {object} Report the part of vitest's JSON report that counts
 * @property {{name: string, status: string, assertionResults: TestReport[]}[]} testResults
 */

/**
 * @typedef {object} TestReport
 * @property {string[]} ancestorTitles
 * @property {string} title
 * @property {string} status
 * @property {{interop?: import('../../../interop/lib/InteropResult.ts').InteropResult}} [meta] what
 *   the test left for its runner
 */

/**
 * @typedef {object} ScenarioReport
 * @property {number} scenarios
 * @property {number} passed
 * @property {number} failed
 * @property {string[]} names each once, in the order in which they ran; what went wrong outside of
 *   every scenario by its file's path
 */

/**
 * Reads the scenarios out of a run of vitest. One of the reference's tests is all tests of its
 * name: it runs with several stores or builds, and passes where it passes with all of them. Any
 * other is a test with the groups that it is in. Those that were not asked for are left out. A file
 * that does not load and an error outside of every test count as scenarios that failed, so that
 * nothing that went wrong is left out.
 *
 * @param {Report | undefined} report `undefined` when vitest wrote none
 * @param {number} status vitest's exit status
 * @returns {ScenarioReport}
 */
export function scenarioReport(report, status) {
  /** @type {Map<string, boolean>} */
  const passed = new Map()
  for (const { name: file, status, assertionResults } of report?.testResults ?? []) {
    if (status === 'failed' && assertionResults.length === 0) passed.set(relative('', file), false)
    for (const { ancestorTitles, title, status } of assertionResults) {
      if (status !== 'passed' && status !== 'failed') continue
      const name = scenarioName(ancestorTitles, title)
      passed.set(name, (passed.get(name) ?? true) && status === 'passed')
    }
  }
  const outcomes = [...passed.values()]
  if (status !== 0 && !outcomes.includes(false)) passed.set('vitest', false)
  const failed = [...passed.values()].filter((ok) => !ok).length
  return {
    scenarios: passed.size,
    passed: passed.size - failed,
    failed,
    names: [...passed.keys()],
  }
}

/**
 * @param {string[]} groups
 * @param {string} title
 */
function scenarioName(groups, title) {
  // As the reference names its tests.
  if (/^Test[A-Z]/.test(title)) return title
  return [...groups, title].join(': ').replace(/, seed \d+/g, '')
}

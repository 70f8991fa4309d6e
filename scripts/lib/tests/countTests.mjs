/**
 * @typedef {object} Report the part of vitest's JSON report that counts
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests
 * @property {number} numTodoTests
 * @property {{status: string, assertionResults: unknown[]}[]} testResults
 */

/**
 * Counts a run of vitest so that nothing that went wrong is left out: a file that does not load has
 * no tests that could fail, and an error outside of every test shows in the exit status only. Each
 * counts as one failure.
 *
 * @param {Report | undefined} report `undefined` when vitest wrote none
 * @param {number} status vitest's exit status
 * @returns {import('./counts.mjs').Counts}
 */
export function countTests(report, status) {
  if (report === undefined) return { passed: 0, failed: 1 }
  const unloaded = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length
  const failed = report.numFailedTests + unloaded
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && status !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

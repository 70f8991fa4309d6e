/**
 * What the scenario that compares all of a state found; none where it did not run, or did not get
 * that far.
 *
 * @param {import('./scenarioReport.mjs').Report | undefined} report vitest's
 */
export function interopResult(report) {
  const tests = report?.testResults.flatMap(({ assertionResults }) => assertionResults) ?? []
  return tests.find(({ meta }) => meta?.interop !== undefined)?.meta?.interop
}

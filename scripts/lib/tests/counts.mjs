/** @typedef {{passed: number, failed: number, skipped?: number}} Counts */

/**
 * @param {Counts} a
 * @param {Counts} b
 */
export function addCounts(a, b) {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: (a.skipped ?? 0) + (b.skipped ?? 0),
  }
}

/**
 * The last line of every test command: `12 passed, 0 failed`, and `, 1 skipped` where something
 * was.
 *
 * @param {Counts} counts
 */
export function summary({ passed, failed, skipped = 0 }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

import { expect, test } from 'vitest'
import { addCounts, summary } from './counts.mjs'
import { countTests } from './countTests.mjs'

const GREEN = {
  numPassedTests: 7,
  numFailedTests: 0,
  numPendingTests: 0,
  numTodoTests: 0,
  testResults: [{ status: 'passed', assertionResults: [{}] }],
}

test('names skipped tests only where there are some', () => {
  expect(summary({ passed: 12, failed: 0 })).toBe('12 passed, 0 failed')
  expect(summary({ passed: 1, failed: 2, skipped: 3 })).toBe('1 passed, 2 failed, 3 skipped')
  expect(addCounts({ passed: 1, failed: 0 }, { passed: 2, failed: 1, skipped: 4 })).toEqual({
    passed: 3,
    failed: 1,
    skipped: 4,
  })
})

test('a run of vitest is counted as it says', () => {
  expect(countTests(GREEN, 0)).toEqual({ passed: 7, failed: 0, skipped: 0 })
  const red = { ...GREEN, numFailedTests: 2, numPendingTests: 1, numTodoTests: 1 }
  expect(countTests(red, 1)).toEqual({ passed: 7, failed: 2, skipped: 2 })
})

test('a file that does not load counts as a failure', () => {
  const testResults = [...GREEN.testResults, { status: 'failed', assertionResults: [] }]
  expect(countTests({ ...GREEN, testResults }, 1).failed).toBe(1)
})

test('an error outside of every test, or no report at all, counts as a failure', () => {
  expect(countTests(GREEN, 1).failed).toBe(1)
  expect(countTests(undefined, 0).failed).toBe(1)
})

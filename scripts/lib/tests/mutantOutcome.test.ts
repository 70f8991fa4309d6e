import { describe, expect, it } from 'vitest'
import { mutantOutcome, scenarioPassed, scenarioPattern } from './mutantOutcome.mjs'

const report = (...tests: [fullName: string, status: string][]) => {
  const count = (wanted: string) => tests.filter(([, status]) => status === wanted).length
  const assertionResults = tests.map(([fullName, status]) => ({ fullName, status }))
  return {
    numPassedTests: count('passed'),
    numFailedTests: count('failed'),
    testResults: [{ assertionResults }],
  }
}

it('chooses scenarios by their titles, whatever characters these have', () => {
  const pattern = new RegExp(scenarioPattern(["a (b) 'c'", 'x.y']))
  expect(pattern.test("group a (b) 'c'")).toBe(true)
  expect(pattern.test('x.y')).toBe(true)
  expect(pattern.test('x y')).toBe(false)
})

it('counts a scenario as passed if all its tests passed, one at least', () => {
  const passed = report(['group one', 'passed'], ['group two', 'failed'], ['other', 'skipped'])
  expect(scenarioPassed(passed, 'one')).toBe(true)
  expect(scenarioPassed(passed, 'group')).toBe(false)
  expect(scenarioPassed(passed, 'other')).toBe(false)
  expect(scenarioPassed(passed, 'missing')).toBe(false)
  expect(scenarioPassed(undefined, 'one')).toBe(false)
})

describe('a mutant', () => {
  it('is caught by a test that fails, an error outside of tests, or a run without end', () => {
    const failed = { status: 1, timedOut: false, report: report(['one', 'failed']) }
    expect(mutantOutcome(failed)).toBe('failed')
    expect(mutantOutcome({ ...failed, report: report(['one', 'passed']) })).toBe('failed')
    expect(mutantOutcome({ status: null, timedOut: true, report: undefined })).toBe('failed')
  })

  it('survives a test that passes', () => {
    const run = { status: 0, timedOut: false, report: report(['one', 'passed']) }
    expect(mutantOutcome(run)).toBe('passed')
  })

  it('that does not load is not caught: no test ran', () => {
    expect(mutantOutcome({ status: 1, timedOut: false, report: undefined })).toBe('did not run')
    const nothing = report(['one', 'skipped'])
    expect(mutantOutcome({ status: 0, timedOut: false, report: nothing })).toBe('did not run')
  })
})

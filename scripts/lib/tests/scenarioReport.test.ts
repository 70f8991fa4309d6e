import { expect, test } from 'vitest'
import { scenarioReport } from './scenarioReport.mjs'

const file = (name: string, ...results: [title: string, status: string][]) => ({
  name,
  status: results.some(([, status]) => status === 'failed') ? 'failed' : 'passed',
  assertionResults: results.map(([title, status]) => ({
    ancestorTitles: ['a group, seed 7'],
    title,
    status,
  })),
})

test('a scenario that runs several times counts once', () => {
  const testResults = [
    file('a.test.ts', ['TestSync', 'passed'], ['TestHashing', 'passed'], ['TestSync', 'passed']),
    file('b.test.ts', ['TestSync', 'passed']),
  ]
  expect(scenarioReport({ testResults }, 0)).toEqual({
    ...{ scenarios: 2, passed: 2, failed: 0 },
    names: ['TestSync', 'TestHashing'],
  })
})

test.each([
  ['first', 'failed', 'passed'],
  ['last', 'passed', 'failed'],
])('a scenario that fails in its %s run fails', (_, first, last) => {
  const testResults = [
    file('a.test.ts', ['TestSync', first]),
    file('b.test.ts', ['TestSync', last]),
  ]
  expect(scenarioReport({ testResults }, 1)).toEqual({
    ...{ scenarios: 1, passed: 0, failed: 1 },
    names: ['TestSync'],
  })
})

test('a scenario of our own is named with its groups, and without their seeds', () => {
  const testResults = [file('a.test.ts', ['is healed', 'passed'])]
  expect(scenarioReport({ testResults }, 0).names).toEqual(['a group: is healed'])
})

test('scenarios that were not asked for are left out', () => {
  const testResults = [file('a.test.ts', ['TestSync', 'skipped'], ['TestMultiSync', 'passed'])]
  expect(scenarioReport({ testResults }, 0).names).toEqual(['TestMultiSync'])
})

test('a file that does not load counts as a failure, by its name', () => {
  const testResults = [
    { ...file('a.test.ts'), status: 'failed' },
    file('b.test.ts', ['TestSync', 'passed']),
  ]
  expect(scenarioReport({ testResults }, 1)).toEqual({
    ...{ scenarios: 2, passed: 1, failed: 1 },
    names: ['a.test.ts', 'TestSync'],
  })
})

test('an error outside of every test, or no report at all, counts as a failure', () => {
  const testResults = [file('a.test.ts', ['TestSync', 'passed'])]
  expect(scenarioReport({ testResults }, 1)).toMatchObject({ scenarios: 2, passed: 1, failed: 1 })
  expect(scenarioReport(undefined, 1)).toMatchObject({ scenarios: 1, passed: 0, failed: 1 })
})

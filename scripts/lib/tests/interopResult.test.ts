import { expect, it } from 'vitest'
import { interopResult } from './interopResult.mjs'

const found = {
  ...{ accounts: 23_000, slots: 103_000, codes: 90, pivotMoves: 7, seconds: 31.2 },
  ...{ rootMatches: true, samplesMatch: false },
}

function report(...metas: ({ interop?: typeof found } | undefined)[]) {
  const assertionResults = metas.map((meta, index) => ({
    ...{ ancestorTitles: [], title: `scenario ${index}`, status: 'failed' },
    ...(meta && { meta }),
  }))
  return { testResults: [{ name: 'interop/a.test.ts', status: 'failed', assertionResults }] }
}

it('is what one of the scenarios left, whether it passed or not', () => {
  expect(interopResult(report({}, { interop: found }, undefined))).toBe(found)
})

it('is none where no scenario left one, and where vitest wrote no report', () => {
  expect(interopResult(report({}, undefined))).toBeUndefined()
  expect(interopResult(undefined)).toBeUndefined()
})

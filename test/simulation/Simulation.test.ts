import { beforeAll, describe, expect, it } from 'vitest'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import type { SimulationReport } from './oracle/Witness.ts'
import { Simulation } from './Simulation.ts'

let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

async function run(seed: number): Promise<{ report: SimulationReport; lines: string[] }> {
  const lines: string[] = []
  const report = await new Simulation(seed, verifier, (line) => lines.push(line)).run()
  return { report, lines }
}

describe('a simulation', () => {
  it('takes the same course with the same seed, and another with another', async () => {
    const courses = new Set<number>()
    for (const seed of [11, 12, 13, 14]) {
      const first = await run(seed)
      const again = await run(seed)
      expect({ seed, lines: again.lines }).toEqual({ seed, lines: first.lines })
      expect(again.report).toEqual(first.report)
      courses.add(first.report.course)
    }
    expect(courses.size).toBe(4)
  })

  it('meets all that it is for within a few dozen seeds', async () => {
    const met = new Map<string, number>()
    const totals = { crashes: 0, completions: 0, lies: 0 }
    for (let seed = 0; seed < 100; seed++) {
      const { report, lines } = await run(seed)
      totals.crashes += report.crashes
      totals.completions += report.completions
      totals.lies += report.lies
      for (const line of lines) {
        const [, what = ''] = line.split(' ')
        met.set(what, (met.get(what) ?? 0) + 1)
      }
    }
    const wanted = [
      ...['GetAccountRange', 'GetStorageRanges', 'GetByteCodes', 'GetTrieNodes', 'write'],
      ...['blocks', 'reorg', 'newest', 'earlier', 'strange', 'twice', 'again', 'join', 'drop'],
      ...[
        'crash',
        'damage',
        'refuse',
        'JOURNAL',
        'REQUEST_TIMEOUT',
        'STATE_UNAVAILABLE',
        'RANGE_PROOF',
      ],
      ...['NODE_MISMATCH', 'CODE_MISMATCH', 'PEER_PROTOCOL'],
    ]
    expect(wanted.filter((what) => !met.has(what))).toEqual([])
    expect(Math.min(...Object.values(totals))).toBeGreaterThan(20)
  })
})

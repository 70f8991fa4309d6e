import type { Block, HealedCounts, Progress } from 'cambium'
import { expect, test } from 'vitest'
import { PivotHistory } from '../../examples/sync/PivotHistory.ts'

const block = (number: number, state = number): Block => ({
  number,
  hash: `0x${String(number).padStart(64, '0')}`,
  stateRoot: `0x${String(state).padStart(64, 'a')}`,
})

/** Progress of a run that has healed so much. */
function healed(nodes: number, accounts = 0, slots = 0): Progress {
  const counts: Partial<HealedCounts> = { nodes, accounts, slots }
  return { thisRun: { healed: counts } } as Progress
}

test('each round counts what was healed in it, whatever became of it', () => {
  const rounds = new PivotHistory()
  rounds.begin(block(1))
  rounds.update(healed(10, 2, 1))
  rounds.begin(block(5))
  rounds.update(healed(17, 3, 1))
  rounds.update(healed(25, 9, 4))
  expect(rounds.prove()).toMatchObject({ nodes: 15, accounts: 7, slots: 3 })
  rounds.begin(block(6))
  rounds.update(healed(26, 9, 4))
  expect(rounds.all.map(({ block, outcome, nodes }) => [block.number, outcome, nodes])).toEqual([
    [1, 'left', 10],
    [5, 'proven', 15],
    [6, 'running', 1],
  ])
  expect(rounds).toMatchObject({ proven: 1, left: 1 })
})

test('a block that changes nothing goes on with the round of the one before', () => {
  const rounds = new PivotHistory()
  rounds.begin(block(1, 7))
  rounds.update(healed(10))
  rounds.begin(block(2, 7))
  rounds.update(healed(12))
  expect(rounds.all).toMatchObject([{ block: { number: 2 }, outcome: 'running', nodes: 12 }])
  expect(rounds.left).toBe(0)
})

test('a run that ends leaves no round behind, and the next counts from nothing', () => {
  const rounds = new PivotHistory()
  rounds.begin(block(1))
  rounds.update(healed(10))
  rounds.stop()
  expect(rounds.all).toEqual([])
  rounds.begin(block(2))
  rounds.update(healed(3))
  expect(rounds.prove()?.nodes).toBe(3)
  expect(rounds.prove()).toBeUndefined()
})

test('only the last rounds are kept, and all are counted', () => {
  const rounds = new PivotHistory()
  for (let number = 1; number <= 100; number++) {
    rounds.begin(block(number))
    rounds.prove()
  }
  expect(rounds.all.length).toBe(48)
  expect(rounds.all.at(-1)?.block.number).toBe(100)
  expect(rounds.proven).toBe(100)
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anyBatch } from '../../../test/support/store/anyBatch.ts'
import { hashKey, makeLeaves } from '../../../test/support/store/makeLeaves.ts'
import { StoreModel } from '../../../test/support/store/StoreModel.ts'
import { joinBatches } from './joinBatches.ts'

const leavesOf = (...names: string[]) =>
  makeLeaves(names.map(hashKey), (index) => Uint8Array.of(index))
const only = (name: string) => ({ first: hashKey(name), last: hashKey(name) })

describe('joinBatches', () => {
  it('leaves behind what both do, one after the other, where it joins them', () => {
    let joined = 0
    fc.assert(
      fc.property(fc.array(anyBatch, { maxLength: 3 }), anyBatch, anyBatch, (before, a, b) => {
        const both = joinBatches(a, b)
        if (both === undefined) return
        joined++
        const apart = new StoreModel()
        const together = new StoreModel()
        for (const batch of [...before, a, b]) apart.commit(batch)
        for (const batch of [...before, both]) together.commit(batch)
        expect(together).toEqual(apart)
      }),
      { numRuns: 1_000, seed: 5 },
    )
    expect(joined).toBeGreaterThan(50)
  })

  it('joins what was fetched of neighbouring ranges', () => {
    const first = { removeSlots: [only('a')], accounts: leavesOf('a', 'b') }
    const second = { removeAccounts: [only('c')], accounts: leavesOf('c') }
    expect(joinBatches(first, second)).toMatchObject({
      removeSlots: [only('a')],
      removeAccounts: [only('c')],
      accounts: { count: 3 },
    })
  })

  it('does not join what removes with what puts the same before', () => {
    const accounts = leavesOf('a', 'b')
    expect(joinBatches({ accounts }, { removeAccounts: [only('b')] })).toBeUndefined()
    expect(joinBatches({ removeAccounts: [only('b')] }, { accounts })).toBeDefined()
  })

  it('lets nothing into a state after its completion', () => {
    const complete = hashKey('root')
    expect(joinBatches({ complete }, {})).toBeUndefined()
    expect(joinBatches({}, { complete })).toMatchObject({ complete })
  })
})

import { describe, expect, it } from 'vitest'
import type { Leaves } from '../../leaves/Leaves.ts'
import { packLeaves } from '../../leaves/packLeaves.ts'
import { sliceLeaves } from '../../leaves/sliceLeaves.ts'
import { answerAmount } from './answerAmount.ts'

function leaves(...sizes: number[]): Leaves {
  return packLeaves(
    sizes.map((size, index) => [new Uint8Array(32).fill(index), new Uint8Array(size)]),
  )
}

const proof = [new Uint8Array(500), new Uint8Array(32)]
const none = new Uint8Array()

describe('answerAmount', () => {
  it('counts the bytes of accounts, slots and proofs', () => {
    const accounts = leaves(70, 80)
    expect(answerAmount({ kind: 'AccountRange', id: 1n, accounts, proof })).toBe(64 + 150 + 532)
    const slots = [leaves(1, 33), leaves(), leaves(9)]
    expect(answerAmount({ kind: 'StorageRanges', id: 1n, slots, proof })).toBe(96 + 43 + 532)
    const part = sliceLeaves(leaves(10, 20, 30), 1, 3)
    expect(answerAmount({ kind: 'AccountRange', id: 1n, accounts: part, proof: [] })).toBe(64 + 50)
  })

  it('counts codes and nodes, but not those that do not exist', () => {
    expect(answerAmount({ kind: 'ByteCodes', id: 1n, codes: proof })).toBe(2)
    expect(answerAmount({ kind: 'TrieNodes', id: 1n, nodes: [none, ...proof, none] })).toBe(2)
  })

  it('is nothing for an answer with nothing in it', () => {
    for (const answer of [
      { kind: 'AccountRange', id: 1n, accounts: leaves(), proof: [] },
      { kind: 'StorageRanges', id: 1n, slots: [], proof: [] },
      { kind: 'ByteCodes', id: 1n, codes: [] },
      { kind: 'TrieNodes', id: 1n, nodes: [none, none] },
    ] as const) {
      expect(answerAmount(answer)).toBe(0)
    }
  })
})

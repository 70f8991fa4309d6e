import { describe, expect, it } from 'vitest'
import type { AnswerFrame } from '../../snap/AnswerFrame.ts'
import { answerAmount } from './answerAmount.ts'

const nodes = [new Uint8Array(500), new Uint8Array(32)]
const none = new Uint8Array()

describe('answerAmount', () => {
  it('counts the bytes of ranges behind the id, leaves and proof', () => {
    for (const kind of ['AccountRange', 'StorageRanges'] as const) {
      const answer = { kind, id: 1n, frame: new Uint8Array(700), fieldsAt: 12 } as AnswerFrame
      expect(answerAmount(answer)).toBe(688)
    }
  })

  it('counts codes and nodes, but not those that do not exist', () => {
    expect(answerAmount({ kind: 'ByteCodes', id: 1n, codes: nodes })).toBe(2)
    expect(answerAmount({ kind: 'TrieNodes', id: 1n, nodes: [none, ...nodes, none] })).toBe(2)
  })

  it('is nothing for an answer with nothing in it', () => {
    expect(answerAmount({ kind: 'ByteCodes', id: 1n, codes: [] })).toBe(0)
    expect(answerAmount({ kind: 'TrieNodes', id: 1n, nodes: [none, none] })).toBe(0)
  })
})

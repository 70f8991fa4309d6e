import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import type { Leaves } from '../../../src/leaves/Leaves.ts'
import { packLeaves } from '../../../src/leaves/packLeaves.ts'
import type { AccountRange, SnapResponse, StorageRanges } from '../../../src/snap/SnapMessage.ts'

/** The answer of a peer that has nothing of what is asked for. */
export function bareAnswer(answer: SnapResponse): SnapResponse {
  switch (answer.kind) {
    case 'AccountRange':
      return { ...answer, accounts: packLeaves([]), proof: [] }
    case 'StorageRanges':
      return { ...answer, slots: [], proof: [] }
    case 'ByteCodes':
      return { ...answer, codes: [] }
    case 'TrieNodes':
      return { ...answer, nodes: [] }
  }
}

/** Whether an answer brings nothing. */
export function isBare(answer: SnapResponse): boolean {
  switch (answer.kind) {
    case 'AccountRange':
      return answer.accounts.count === 0
    case 'StorageRanges':
      return answer.slots.length === 0
    default:
      return itemsOf(answer).length === 0
  }
}

/**
 * Whether who asked can tell an answer from an honest one, and it is not just one with nothing in
 * it.
 *
 * @param honest what an honest peer answers
 * @param whole the same without a limit of size
 */
export function isEvidentLie(
  told: SnapResponse,
  honest: SnapResponse,
  whole: SnapResponse,
): boolean {
  if (told.kind !== honest.kind || told.id !== honest.id) return true
  if (told.kind === 'AccountRange' || told.kind === 'StorageRanges') {
    return isFalseRange(told, honest as typeof told)
  }
  return !isSubsequence(itemsOf(told), itemsOf(whole as typeof told))
}

type Ranges = AccountRange | StorageRanges

function isFalseRange(told: Ranges, honest: Ranges): boolean {
  if (isBare(told) && told.proof.length === 0) return false
  const [toldLists, honestLists] = [listsOf(told), listsOf(honest)]
  const sameLeaves =
    toldLists.length === honestLists.length &&
    toldLists.every((list, index) => sameList(list, honestLists[index]!))
  if (!sameLeaves) return true
  // Less proof than usual is still enough where the answer is whole, but nodes that are cut prove
  // nothing.
  const { proof } = told
  return (
    proof.length > 0 &&
    proof.length === honest.proof.length &&
    proof.every((node, index) => node.length < honest.proof[index]!.length)
  )
}

function listsOf(answer: Ranges): readonly Leaves[] {
  return answer.kind === 'AccountRange' ? [answer.accounts] : answer.slots
}

function sameList(a: Leaves, b: Leaves): boolean {
  return compareBytes(a.keys, b.keys) === 0 && compareBytes(a.values, b.values) === 0
}

/** What lookups found: codes, or nodes without the empty items that stand for none. */
function itemsOf(answer: Exclude<SnapResponse, Ranges>): readonly Uint8Array[] {
  return answer.kind === 'ByteCodes'
    ? answer.codes
    : answer.nodes.filter(({ length }) => length > 0)
}

function isSubsequence(part: readonly Uint8Array[], whole: readonly Uint8Array[]): boolean {
  let place = 0
  return part.every((item) => {
    while (place < whole.length && compareBytes(whole[place]!, item) !== 0) place++
    return place++ < whole.length
  })
}

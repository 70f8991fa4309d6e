import { compareBytes } from '../../src/base/bytes/compareBytes.ts'
import { toHex } from '../../src/base/bytes/hex.ts'
import type { Leaves } from '../../src/leaves/Leaves.ts'
import { leafKey, leafValue } from '../../src/leaves/Leaves.ts'
import { packLeaves } from '../../src/leaves/packLeaves.ts'
import { answerLimits, exceededLimit } from '../../src/snap/answerLimits.ts'
import { decodeMessage, decodeMessageHead } from '../../src/snap/decodeMessage.ts'
import type { AccountRange, SnapRequest, StorageRanges } from '../../src/snap/SnapMessage.ts'
import type { TrieEntry } from '../../src/trie/memory/MemoryTrie.ts'
import type { RangeClaim } from '../../src/verifier/Verifier.ts'
import { FIRST } from './edges.ts'
import type { Expected } from './Rule.ts'

/**
 * Proves a range, as `Verifier.verifyRange` does.
 * @returns whether the trie has leaves to the right of it
 */
export type RangeProver = (claim: RangeClaim) => boolean | Promise<boolean>

/**
 * Compares an answer with the right one: all that is in it, the id, the size, and that its ranges
 * are proven.
 *
 * @param request what was asked; `undefined` where it was no request
 * @param answer a frame
 * @param provers all of them must find the proofs good
 * @returns what is wrong with it, or `undefined`
 */
export async function checkAnswer(
  request: SnapRequest | undefined,
  expected: Expected,
  answer: Uint8Array | 'closed',
  provers: readonly RangeProver[],
): Promise<string | undefined> {
  if (answer === 'closed' || expected.kind === 'closed' || request === undefined) {
    const wanted = expected.kind
    const got = answer === 'closed' ? 'closed' : decodeMessageHead(answer).kind
    return wanted === got ? undefined : `expected ${wanted}, got ${got}`
  }
  try {
    const { kind, id, fields } = decodeMessageHead(answer)
    if (kind !== expected.kind) return `expected ${expected.kind}, got ${kind}`
    if (id !== request.id) return `expected the id ${request.id}, got ${id}`
    const excess = exceededLimit(fields, answerLimits(request))
    if (excess !== undefined) return excess
    const message = decodeMessage(answer)
    if (message.kind === 'AccountRange' && expected.kind === 'AccountRange') {
      return await checkAccounts(request, expected, message, provers)
    }
    if (message.kind === 'StorageRanges' && expected.kind === 'StorageRanges') {
      return await checkStorage(request, expected, message, provers)
    }
    if (message.kind === 'ByteCodes' && expected.kind === 'ByteCodes') {
      return differingItem('code', message.codes, expected.codes)
    }
    if (message.kind === 'TrieNodes' && expected.kind === 'TrieNodes') {
      return differingItem('node', message.nodes, expected.nodes)
    }
    return `unexpected ${message.kind}`
  } catch (error) {
    return (error as Error).message
  }
}

async function checkAccounts(
  request: SnapRequest,
  { accounts, proven }: Extract<Expected, { kind: 'AccountRange' }>,
  answer: AccountRange,
  provers: readonly RangeProver[],
): Promise<string | undefined> {
  const { root, origin } = request as Extract<SnapRequest, { kind: 'GetAccountRange' }>
  const wanted = accounts.map(({ hash, slim }) => [hash, slim] as const)
  const problem = differingLeaf('account', answer.accounts, wanted)
  if (problem !== undefined) return problem
  if (proven === undefined) return answer.proof.length === 0 ? undefined : 'a proof of nothing'
  const leaves = packLeaves(accounts.map(({ hash, full }) => [hash, full]))
  const last = accounts.at(-1)?.hash
  const { hash: end } = proven.sorted.at(-1)!
  const more = last !== undefined && compareBytes(last, end) < 0
  return prove({ root, origin, leaves, proof: answer.proof }, more, provers)
}

async function checkStorage(
  request: SnapRequest,
  { lists, proven }: Extract<Expected, { kind: 'StorageRanges' }>,
  answer: StorageRanges,
  provers: readonly RangeProver[],
): Promise<string | undefined> {
  if (answer.slots.length !== lists.length) {
    return `expected ${lists.length} lists of slots, got ${answer.slots.length}`
  }
  for (const [index, { account, slots }] of lists.entries()) {
    const problem = differingLeaf(`list ${index}: slot`, answer.slots[index]!, slots)
    if (problem !== undefined) return problem
    if (slots.length < account.slots.length) continue
    // What is whole must make up the root by itself, proven or not.
    const claim = { root: account.storage.root, origin: FIRST, leaves: packLeaves(slots) }
    const unproven = await prove({ ...claim, proof: undefined }, false, provers)
    if (unproven !== undefined) return unproven
  }
  if (proven === undefined) return answer.proof.length === 0 ? undefined : 'an unexpected proof'
  const { origin } = request as Extract<SnapRequest, { kind: 'GetStorageRanges' }>
  const slots = lists.at(-1)?.slots ?? []
  const last = slots.at(-1)?.[0]
  const more = last !== undefined && compareBytes(last, proven.slots.at(-1)![0]) < 0
  // The origin belongs to the first account; where the list of another one is proven, that begins
  // with its first slot.
  const isFirst = lists.length <= 1 && origin.length > 0
  const claim = { root: proven.storage.root, origin: isFirst ? origin : FIRST }
  return prove({ ...claim, leaves: packLeaves(slots), proof: answer.proof }, more, provers)
}

async function prove(
  claim: RangeClaim,
  more: boolean,
  provers: readonly RangeProver[],
): Promise<string | undefined> {
  for (const prover of provers) {
    const found = await prover(claim)
    if (found !== more) return `the proof says that ${found ? 'more' : 'nothing'} follows`
  }
  return undefined
}

function differingLeaf(
  what: string,
  leaves: Leaves,
  wanted: readonly TrieEntry[],
): string | undefined {
  if (leaves.count !== wanted.length) {
    return `${what}s: expected ${wanted.length}, got ${leaves.count}`
  }
  for (const [index, [key, value]] of wanted.entries()) {
    const found = leafKey(leaves, index)
    if (compareBytes(found, key) !== 0) {
      return `${what} ${index}: expected ${toHex(key)}, got ${toHex(found)}`
    }
    if (compareBytes(leafValue(leaves, index), value) !== 0) {
      return `${what} ${index}: expected the value ${toHex(value)}, got ${toHex(leafValue(leaves, index))}`
    }
  }
  return undefined
}

function differingItem(
  what: string,
  items: readonly Uint8Array[],
  wanted: readonly Uint8Array[],
): string | undefined {
  if (items.length !== wanted.length) {
    return `${what}s: expected ${wanted.length}, got ${items.length}`
  }
  const index = items.findIndex((item, at) => compareBytes(item, wanted[at]!) !== 0)
  if (index < 0) return undefined
  return `${what} ${index}: expected ${wanted[index]!.length} bytes, got ${items[index]!.length} or others`
}

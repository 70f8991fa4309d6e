import type { RlpReader } from '../rlp/RlpReader.ts'
import { MAX_PROOF_NODE_BYTES, MAX_PROOF_NODES } from '../verifier/wasm/generated/layout.ts'
import type { SnapRequest } from './SnapMessage.ts'

/**
 * How much an answer may hold. What proofs add is bounded by the number and the size of their
 * nodes.
 */
export interface AnswerLimits {
  /** Bytes of the content of the answer's first list. */
  bytes: number
  /** Items of that list: lists of slots, codes or nodes; for accounts, no limit but the bytes'. */
  items: number
}

/**
 * Every server sends at least one account or slot, however few bytes were asked for: room for the
 * largest, with its hash and headers (some 150 bytes), and some more.
 */
const LEAST_BYTES = 1024

/**
 * Ten times what mainnet allows (24 KiB, EIP-170), as chains differ; hashing more than that has no
 * purpose.
 */
const LARGEST_CODE = 256 * 1024

/** All nodes of a proof with their headers, and the header of their list. */
const MOST_PROOF_BYTES = MAX_PROOF_NODES * (MAX_PROOF_NODE_BYTES + 3) + 4

/**
 * The limits that a request sets to its answer: twice the bytes, or as many items as were asked
 * for.
 */
export function answerLimits(request: SnapRequest): AnswerLimits {
  const bytes = Math.max(2 * request.bytes, LEAST_BYTES)
  switch (request.kind) {
    case 'GetAccountRange':
      return { bytes, items: Number.POSITIVE_INFINITY }
    case 'GetStorageRanges':
      return { bytes, items: request.accounts.length }
    case 'GetByteCodes':
      return { bytes: Math.max(bytes, LARGEST_CODE), items: request.hashes.length }
    case 'GetTrieNodes': {
      const items = request.paths.reduce((sum, set) => sum + Math.max(1, set.length - 1), 0)
      // Of a node that is not there comes a byte, which servers do not count.
      return { bytes: bytes + items, items }
    }
  }
}

/**
 * Looks at headers only, so that an answer out of bounds is refused before it costs memory.
 *
 * @param fields the fields of an answer after the id
 * @returns what is too much, or `undefined`
 * @throws {RlpError} when that much cannot be read
 */
export function exceededLimit(fields: RlpReader, limits: AnswerLimits): string | undefined {
  const list = fields.list('items')
  const size = list.end - list.position
  if (size > limits.bytes) return `${size} bytes, at most ${limits.bytes} are allowed`
  const rest = fields.end - fields.position
  if (rest > MOST_PROOF_BYTES)
    return `${rest} bytes of proof, at most ${MOST_PROOF_BYTES} are allowed`
  if (list.count(limits.items) > limits.items)
    return `more than the ${limits.items} items asked for`
  return undefined
}

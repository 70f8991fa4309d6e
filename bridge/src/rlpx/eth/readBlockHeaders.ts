import { keccak_256 } from '@noble/hashes/sha3.js'
import { type BlockHeader, compareBytes, RlpError, type RlpReader, toHex } from 'cambium/server'

/**
 * Fields of a header before its number: after state root, roots of transactions and receipts, bloom
 * and difficulty.
 */
const BETWEEN = ['transactions root', 'receipts root', 'bloom', 'difficulty'] as const

/**
 * Reads the answer to a request for block headers, ascending and without gaps; their hashes are
 * those of what was read.
 *
 * @param list of the answer's fields, the one with the headers
 * @param most how many were asked for
 * @throws {RlpError} when one is malformed, does not follow the one before, or there are more
 * @see Ethereum yellow paper, section 4.3
 */
export function readBlockHeaders(list: RlpReader, most: number): BlockHeader[] {
  const headers: BlockHeader[] = []
  while (!list.done) {
    if (headers.length === most) throw new RlpError(`more than the ${most} headers asked for`)
    const header = readHeader(list)
    const parent = headers.at(-1)
    if (parent !== undefined && !follows(parent, header)) {
      throw new RlpError(
        `header ${header.number}, ${toHex(header.hash)}, does not follow ${parent.number}`,
      )
    }
    headers.push(header)
  }
  return headers
}

function readHeader(list: RlpReader): BlockHeader {
  const start = list.position
  const fields = list.list('header')
  const hash = keccak_256(list.bytes.subarray(start, list.position))
  const parentHash = fields.string('parent hash', 32)
  fields.string('ommers hash', 32)
  fields.string('coinbase', 20)
  const stateRoot = fields.string('state root', 32)
  for (const what of BETWEEN) fields.string(what)
  const number = Number(fields.uint64('number'))
  if (!Number.isSafeInteger(number)) throw new RlpError(`${number} is no block's number`)
  // Views would keep the whole answer.
  return { number, hash, parentHash: parentHash.slice(), stateRoot: stateRoot.slice() }
}

function follows(parent: BlockHeader, { number, parentHash }: BlockHeader): boolean {
  return number === parent.number + 1 && compareBytes(parentHash, parent.hash) === 0
}

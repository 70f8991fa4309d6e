import type { Leaves } from '../leaves/Leaves.ts'
import { leafKey, leafValue } from '../leaves/Leaves.ts'
import { encodeRlp, type RlpInput } from '../rlp/encodeRlp.ts'
import { SnapCodecError } from './errors.ts'
import type { RawResponse } from './RawResponse.ts'
import { SNAP_KINDS, type SnapMessage } from './SnapMessage.ts'

/**
 * Encodes a message as a frame: one byte of message code, then the RLP body. The frame owns its
 * buffer.
 *
 * @throws {SnapCodecError} when the id or `bytes` are no unsigned integers of 64 bits, or a hash is
 *   not one
 * @see https://github.com/ethereum/devp2p/blob/master/caps/snap.md
 */
export function encodeMessage(message: SnapMessage | RawResponse): Uint8Array {
  if (message.id < 0n || message.id >> 64n !== 0n) {
    throw new SnapCodecError(
      `${message.kind}: id must be an unsigned 64-bit integer, got ${message.id}`,
    )
  }
  const frame = encodeRlp([message.id, ...fields(message)], 1)
  frame[0] = SNAP_KINDS.indexOf(message.kind)
  return frame
}

/** What follows the id. */
function fields(message: SnapMessage | RawResponse): RlpInput[] {
  if ('fields' in message) return [{ rlp: message.fields }]
  switch (message.kind) {
    case 'GetAccountRange': {
      const { root, origin, limit } = message
      return [hash(root, 'root'), hash(origin, 'origin'), hash(limit, 'limit'), byteLimit(message)]
    }
    case 'AccountRange':
      return [pairs(message.accounts, (body) => ({ rlp: body })), message.proof]
    case 'GetStorageRanges': {
      const { root, accounts, origin, limit } = message
      return [
        hash(root, 'root'),
        accounts.map((account) => hash(account, 'account')),
        origin.length === 0 ? origin : hash(origin, 'origin'),
        limit.length === 0 ? limit : hash(limit, 'limit'),
        byteLimit(message),
      ]
    }
    case 'StorageRanges':
      return [message.slots.map((slots) => pairs(slots, (value) => value)), message.proof]
    case 'GetByteCodes':
      return [message.hashes.map((codeHash) => hash(codeHash, 'code hash')), byteLimit(message)]
    case 'ByteCodes':
      return [message.codes]
    case 'GetTrieNodes':
      return [hash(message.root, 'root'), message.paths, byteLimit(message)]
    case 'TrieNodes':
      return [message.nodes]
  }
}

function pairs(leaves: Leaves, wrap: (value: Uint8Array) => RlpInput): RlpInput {
  return Array.from({ length: leaves.count }, (_, index) => [
    leafKey(leaves, index),
    wrap(leafValue(leaves, index)),
  ])
}

function hash(bytes: Uint8Array, what: string): Uint8Array {
  if (bytes.length !== 32) {
    throw new SnapCodecError(`${what} must have 32 bytes, got ${bytes.length}`)
  }
  return bytes
}

function byteLimit({ kind, bytes }: { kind: string; bytes: number }): bigint {
  if (!Number.isSafeInteger(bytes) || bytes < 0) {
    throw new SnapCodecError(`${kind}: bytes must be a non-negative integer, got ${bytes}`)
  }
  return BigInt(bytes)
}

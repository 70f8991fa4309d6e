import type { BlockHeader } from '../../chain/Header.ts'
import { encodeRlp } from '../../rlp/encodeRlp.ts'
import { RlpError } from '../../rlp/errors.ts'
import { RlpReader } from '../../rlp/RlpReader.ts'
import { PeerProtocolError } from '../../snap/errors.ts'

/** A frame of the head protocol: RLP of `[number, hash, state root, parent hash]`. */
export function encodeHead({ number, hash, stateRoot, parentHash }: BlockHeader): Uint8Array {
  return encodeRlp([BigInt(number), hash, stateRoot, parentHash])
}

/**
 * Reads a frame of the head protocol. The hashes are views of it.
 *
 * @param peer who sent it, for the error
 * @throws {PeerProtocolError} when `encodeHead` could not have made it
 */
export function decodeHead(frame: Uint8Array, peer: string): BlockHeader {
  try {
    const outer = new RlpReader(frame)
    const fields = outer.list('head')
    outer.finish('head')
    const number = Number(fields.uint64('number'))
    if (!Number.isSafeInteger(number)) throw new RlpError(`number ${number} is no block's`)
    const hash = fields.string('hash', 32)
    const stateRoot = fields.string('state root', 32)
    const parentHash = fields.string('parent hash', 32)
    fields.finish('head')
    return { number, hash, stateRoot, parentHash }
  } catch (cause) {
    if (!(cause instanceof RlpError)) throw cause
    throw new PeerProtocolError(peer, 'malformed message', cause.message, { cause })
  }
}

import { encodeRlp, RlpError, RlpReader } from 'cambium/server'
import type { EthStatus } from './EthStatus.ts'

/**
 * The versions of `eth` that are spoken here: 68 is what other clients still have, geth speaks 69
 * and later.
 */
export type EthVersion = 68 | 69

/**
 * The status of a node that belongs to the same network, and has no block but genesis.
 *
 * @param peer what the node at the other end told
 * @see https://github.com/ethereum/devp2p/blob/master/caps/eth.md
 */
export function encodeEthStatus(version: EthVersion, peer: EthStatus): Uint8Array {
  const { networkId, genesisHash, forkId } = peer
  const fork = [forkId.hash, forkId.next]
  const head = version === 68 ? [0n, genesisHash, genesisHash, fork] : [genesisHash, fork]
  const range = version === 68 ? [] : [0n, 0n, genesisHash]
  return encodeRlp([BigInt(version), networkId, ...head, ...range])
}

/** @throws {RlpError} when it is malformed, or of another version */
export function decodeEthStatus(version: EthVersion, body: Uint8Array): EthStatus {
  const fields = new RlpReader(body).list('status')
  const spoken = fields.uint64('version')
  if (spoken !== BigInt(version)) throw new RlpError(`status of eth/${spoken}, not eth/${version}`)
  const networkId = fields.uint64('network id')
  if (version === 68) {
    fields.string('total difficulty')
    const latestHash = fields.string('latest hash', 32)
    const genesisHash = fields.string('genesis', 32)
    return { networkId, genesisHash, forkId: forkId(fields), latestHash }
  }
  const genesisHash = fields.string('genesis', 32)
  const fork = forkId(fields)
  return { networkId, genesisHash, forkId: fork, ...decodeBlockRange(fields) }
}

/**
 * Reads which blocks a node has: the end of a status, or the body of a block range update.
 * @throws {RlpError} when it is malformed
 */
export function decodeBlockRange(fields: RlpReader): { latest: number; latestHash: Uint8Array } {
  fields.uint64('earliest block')
  const latest = Number(fields.uint64('latest block'))
  if (!Number.isSafeInteger(latest))
    throw new RlpError(`latest block ${latest} is no block's number`)
  return { latest, latestHash: fields.string('latest hash', 32) }
}

/** EIP-2124; what may follow in later versions is left alone. */
function forkId(fields: RlpReader): EthStatus['forkId'] {
  const list = fields.list('fork id')
  return { hash: list.string('fork hash', 4), next: list.uint64('next fork') }
}

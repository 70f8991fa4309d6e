import { encodeRlp } from '../../rlp/encodeRlp.ts'
import { RlpReader } from '../../rlp/RlpReader.ts'

/** A frame of the fault protocol: RLP of `[request id]`. */
export function encodeFault(requestId: bigint): Uint8Array {
  return encodeRlp([requestId])
}

/**
 * Reads a frame of the fault protocol.
 * @throws {RlpError} when `encodeFault` could not have made it
 */
export function decodeFault(frame: Uint8Array): bigint {
  const outer = new RlpReader(frame)
  const fields = outer.list('fault')
  outer.finish('fault')
  const requestId = fields.uint64('request id')
  fields.finish('fault')
  return requestId
}

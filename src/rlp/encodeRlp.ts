import { headerSize, writeHeader } from './rlpHeader.ts'

/** What can be encoded: a string, an unsigned integer, a list, or RLP that is put in as it is. */
export type RlpInput = Uint8Array | bigint | readonly RlpInput[] | { readonly rlp: Uint8Array }

/**
 * Encodes into one buffer, sized beforehand.
 *
 * Own code because a snap/1 answer embeds account bodies that are RLP already; a library that knows
 * only strings and lists would have to decode thousands of them first.
 *
 * @param headroom bytes left free in front of the encoding
 * @example encodeRlp([1n, new Uint8Array()]) // Uint8Array [0xc2, 0x01, 0x80]
 * @see Ethereum yellow paper, appendix B
 */
export function encodeRlp(input: RlpInput, headroom = 0): Uint8Array {
  const out = new Uint8Array(headroom + encodedSize(input))
  write(input, out, headroom)
  return out
}

function isList(input: RlpInput): input is readonly RlpInput[] {
  return Array.isArray(input)
}

function encodedSize(input: RlpInput): number {
  if (typeof input === 'bigint') return encodedSize(bigEndian(input))
  if (input instanceof Uint8Array) {
    return input.length === 1 && input[0]! < 0x80 ? 1 : headerSize(input.length) + input.length
  }
  if (!isList(input)) return input.rlp.length
  const payload = payloadSize(input)
  return headerSize(payload) + payload
}

function payloadSize(list: readonly RlpInput[]): number {
  let size = 0
  for (const item of list) size += encodedSize(item)
  return size
}

/** Writes one item at `position` and returns where it ends. */
function write(input: RlpInput, out: Uint8Array, position: number): number {
  if (typeof input === 'bigint') return write(bigEndian(input), out, position)
  if (input instanceof Uint8Array) {
    const alone = input.length === 1 && input[0]! < 0x80
    const start = alone ? position : writeHeader(0x80, input.length, out, position)
    out.set(input, start)
    return start + input.length
  }
  if (!isList(input)) {
    out.set(input.rlp, position)
    return position + input.rlp.length
  }
  let next = writeHeader(0xc0, payloadSize(input), out, position)
  for (const item of input) next = write(item, out, next)
  return next
}

/** The shortest big-endian form; of zero, no bytes. */
function bigEndian(value: bigint): Uint8Array {
  let size = 0
  for (let rest = value; rest > 0n; rest >>= 8n) size++
  const bytes = new Uint8Array(size)
  for (let index = size - 1, rest = value; index >= 0; index--, rest >>= 8n) {
    bytes[index] = Number(rest & 0xffn)
  }
  return bytes
}

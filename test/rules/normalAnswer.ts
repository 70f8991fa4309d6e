import { compareBytes } from '../../src/base/bytes/compareBytes.ts'
import { type Hex, toHex } from '../../src/base/bytes/hex.ts'
import { decodeMessage } from '../../src/snap/decodeMessage.ts'
import { encodeMessage } from '../../src/snap/encodeMessage.ts'

/**
 * An answer in the form in which two right answers to one request are the same bytes. All of an
 * answer is decided by the rules, item by item, but for its proof: that is a set of nodes, which a
 * reader finds by their hashes. So its nodes are sorted by their bytes, and each is there once.
 *
 * @throws {SnapCodecError} when the answer is not legible
 */
export function normalAnswer(answer: Uint8Array | 'closed'): Hex | 'closed' {
  if (answer === 'closed') return answer
  const message = decodeMessage(answer)
  if (!('proof' in message)) return toHex(answer)
  const proof = message.proof
    .toSorted(compareBytes)
    .filter((node, index, all) => index === 0 || compareBytes(node, all[index - 1]!) !== 0)
  return toHex(encodeMessage({ ...message, proof }))
}

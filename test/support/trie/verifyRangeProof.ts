import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import { toHex } from '../../../src/base/bytes/hex.ts'
import { packLeaves } from '../../../src/leaves/packLeaves.ts'
import { RangeProofError } from '../../../src/verifier/errors.ts'
import type { Verifier } from '../../../src/verifier/Verifier.ts'

/**
 * Proves a range that is given as arrays of keys and values, as go-ethereum's function of this name
 * does. Checks what packed leaves cannot express, as many keys as values and keys of one size, and
 * leaves the rest to the verifier.
 *
 * @param root 32 bytes
 * @param firstKey where the range begins; its key need not exist
 * @param keys ascending, all as long as `firstKey`
 * @param values as the trie holds them
 * @param proof trie nodes on the paths to `firstKey` and the last key; `undefined`: the range is
 *   the whole trie
 * @returns whether the trie has more to the right of the range
 * @throws {RangeProofError} when the range is not what the trie under `root` holds there
 */
export function verifyRangeProof(
  verifier: Verifier,
  root: Uint8Array,
  firstKey: Uint8Array,
  keys: readonly Uint8Array[],
  values: readonly Uint8Array[],
  proof: readonly Uint8Array[] | undefined,
): boolean {
  if (keys.length !== values.length) {
    throw new RangeProofError(
      'inconsistent proof data',
      `keys: ${keys.length}, values: ${values.length}`,
    )
  }
  keys.forEach((key, index) => {
    const next = keys[index + 1]
    if (next === undefined || key.length === next.length) return
    if (compareBytes(key, next.subarray(0, key.length)) === 0) {
      throw new RangeProofError('range contains path prefixes', `${toHex(key)} and ${toHex(next)}`)
    }
  })
  const stranger = keys.find((key) => key.length !== firstKey.length)
  if (stranger !== undefined) {
    throw new RangeProofError(
      'inconsistent edge keys',
      `${toHex(stranger)} is not as long as ${toHex(firstKey)}`,
    )
  }
  const leaves = packLeaves(
    keys.map((key, index) => [key, values[index]!]),
    firstKey.length,
  )
  return verifier.verifyRange({ root, origin: firstKey, leaves, proof })
}

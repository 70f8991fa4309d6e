import { RangeProofError } from './errors.ts'
import { leafShapeFault } from './leafShapeFault.ts'
import type { RangeClaim } from './Verifier.ts'

/**
 * Refuses a claim whose parts do not fit together, before anything of it is read.
 * @throws {RangeProofError} that names the part
 */
export function checkRangeClaim({ root, origin, leaves }: RangeClaim): void {
  const fault = leafShapeFault(leaves)
  if (fault !== undefined) throw new RangeProofError('inconsistent proof data', fault)
  if (root.length !== 32) {
    throw new RangeProofError('inconsistent proof data', `root of ${root.length} bytes`)
  }
  if (origin.length !== leaves.keySize) {
    throw new RangeProofError(
      'inconsistent edge keys',
      `origin of ${origin.length} bytes, keys of ${leaves.keySize}`,
    )
  }
}

import { CambiumError } from './CambiumError.ts'

export interface BackOffOptions {
  /** Wait after the first failure, in ms. @default 500 */
  firstMs?: number
  /** Longest wait, in ms. @default 30 000 */
  maxMs?: number
  /** Each wait is that many times the one before. @default 2 */
  factor?: number
  /**
   * Share of a wait that chance decides, 0 to 1, so that a thousand pages that lost a bridge
   * together do not come back together. @default 0.5
   */
  jitter?: number
}

/** A back-off whose numbers make no sense. */
export class BackOffError extends CambiumError {
  constructor(name: string, received: unknown) {
    super('BACK_OFF', `${name} of the back-off must be a number in its range, got ${received}`)
  }
}

/**
 * Exponential back-off with jitter: how long to wait after so many failures in a row.
 *
 * @param random 0 ≤ number < 1
 * @returns `failures` (1 or more) → ms
 * @throws {BackOffError} when a number is negative, not finite, or a jitter above 1
 */
export function backOff(
  options: BackOffOptions = {},
  random: () => number = Math.random,
): (failures: number) => number {
  const { firstMs = 500, maxMs = 30_000, factor = 2, jitter = 0.5 } = options
  for (const [name, value] of Object.entries({ firstMs, maxMs, factor, jitter })) {
    if (!Number.isFinite(value) || value < 0) throw new BackOffError(name, value)
  }
  if (jitter > 1) throw new BackOffError('jitter', jitter)
  return (failures) => {
    // Bounded, because no wait times an infinite growth is not a number.
    const growth = Math.min(factor ** (failures - 1), Number.MAX_VALUE)
    const longest = Math.min(maxMs, firstMs * growth)
    return Math.round(longest * (1 - jitter * random()))
  }
}

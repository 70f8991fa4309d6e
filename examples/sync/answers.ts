import type { SessionState } from './Session.ts'

/**
 * Whether reads are answered: from a state that is complete, also while the next one is fetched.
 */
export function answers({ status, block }: SessionState): boolean {
  return status === 'complete' || (block !== undefined && status !== 'closed')
}

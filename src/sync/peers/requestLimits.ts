import type { WorkKind } from './WorkKind.ts'

/**
 * The smallest and the largest request of each kind: bytes for ranges, items for lookups; and how
 * many of them may be in flight to one peer.
 *
 * The largest are go-ethereum's, and so is the smallest range. Its lookups begin at one item; here
 * they begin at about as many bytes as the smallest range, 64 KiB, because a link that cannot carry
 * those cannot sync anyway, and a round trip through a browser's WebRTC (50 to 300 ms) for every
 * single item after each timeout costs far more than it protects:
 * - 10 codes of 6 KiB on average, a quarter of the largest (EIP-170);
 * - 128 trie nodes of at most 532 bytes, a full branch.
 *
 * Four ranges of 512 KiB fill a link of 5 MB/s and 300 ms, or of 25 MB/s and 80 ms; more would only
 * wait in memory. Codes go beside them, and trie nodes one request after the other, as what is
 * asked for next depends on them.
 */
export const requestLimits: Readonly<
  Record<WorkKind, { min: number; max: number; inFlight: number }>
> = {
  accounts: { min: 64 * 1024, max: 512 * 1024, inFlight: 4 },
  storage: { min: 64 * 1024, max: 512 * 1024, inFlight: 4 },
  codes: { min: 10, max: 84, inFlight: 1 },
  healNodes: { min: 128, max: 1024, inFlight: 1 },
  healCodes: { min: 10, max: 84, inFlight: 1 },
}

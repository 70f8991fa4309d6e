/**
 * If a larger share of the leaves differs, a heal takes longer than a download. `npm run bench --
 * --only far`: a heal takes 7 ms for each account while hardly two of them lie in one page of the
 * store, as long as the download of 1,000 accounts. Up to `leaves` leaves are always healed: a
 * download takes some twenty requests, however little it brings. A state of fewer accounts than
 * `accounts` is healed in less time than the decision takes. An object, so bench and simulation can
 * force either way.
 */
export const HEAL_LIMIT = { share: 0.0016, leaves: 16, accounts: 256 }

/**
 * The depth at which comparing subtries tells the share that differs. Each subtrie holds 128 to
 * 2,047 leaves; at the limit, a fifth to nearly all of them differ. Larger subtries would tell
 * nothing: all of 16 differ at shares on either side of the limit.
 *
 * @param leaves of the whole trie
 */
export function tellingDepth(leaves: number): number {
  return Math.max(Math.floor((Math.log2(leaves) - 7) / 4), 1)
}

/**
 * Whether a trie is cheaper to download than to heal.
 *
 * @param seen subtries that were compared, chosen without regard to what is in them
 * @param differing how many of them differ
 * @param depth at which they stand
 * @param leaves of the whole trie
 */
export function isFar(seen: number, differing: number, depth: number, leaves: number): boolean {
  if (differing === 0) return false
  // Where all differ, half of one is taken for equal: more cannot be known.
  const equal = Math.max(seen - differing, 0.5) / seen
  const share = 1 - equal ** (16 ** depth / leaves)
  return share > HEAL_LIMIT.share && share * leaves > HEAL_LIMIT.leaves
}

/** Up to so many bytes a loop is faster than a view and a call, which makes objects besides. */
const SHORT = 128

/**
 * Copies bytes `from` … `to` (exclusive) of `source` to `at` in `target`, without an object where
 * they are few: what is copied for each leaf would make one for each.
 */
export function copyBytes(
  source: Uint8Array,
  from: number,
  to: number,
  target: Uint8Array,
  at: number,
): void {
  if (to - from > SHORT) target.set(source.subarray(from, to), at)
  else for (let byte = from, place = at; byte < to; ) target[place++] = source[byte++]!
}

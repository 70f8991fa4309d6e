/**
 * Binary search: the first index for which `isAfter` holds.
 *
 * @param count how many indices there are
 * @param isAfter false for indices up to a point, true from there on
 * @param from the first index that counts; `isAfter` is never asked about those before
 * @returns an index from `from` to `count`; `count` if `isAfter` holds for none
 */
export function firstIndex(count: number, isAfter: (index: number) => boolean, from = 0): number {
  let low = from
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isAfter(middle)) high = middle
    else low = middle + 1
  }
  return low
}

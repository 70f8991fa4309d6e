/**
 * The same result for all calls within `ms` milliseconds, so that many of them cost as much as one.
 */
export function atMostEvery<Result>(
  ms: number,
  make: () => Promise<Result>,
): () => Promise<Result> {
  let last: { at: number; result: Promise<Result> } | undefined
  return () => {
    const now = performance.now()
    if (last === undefined || now - last.at >= ms) last = { at: now, result: make() }
    return last.result
  }
}

/** A promise that never rejects: what comes of it is had by calling what it resolves with. */
export function outcomeOf<Result>(promise: Promise<Result>): Promise<() => Result> {
  return promise.then(
    (value) => () => value,
    (error) => () => {
      throw error
    },
  )
}

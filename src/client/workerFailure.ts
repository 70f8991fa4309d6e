/** What the `error` event of a worker tells. Where its script cannot be loaded, it says nothing. */
export function workerFailure(event: Event): string {
  const { message = 'its script could not be loaded' } = event as Partial<ErrorEvent>
  return message
}

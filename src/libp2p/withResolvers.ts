/**
 * Gives `Promise.withResolvers` (ES2024) to platforms that lack it: Node 20, browsers from before
 * 2024. libp2p calls it in the middle of a handshake; without it a listener drops every connection
 * and the other side only sees it close. Called when a node starts, so that importing the package
 * changes nothing.
 */
export function provideWithResolvers(): void {
  if ('withResolvers' in Promise) return
  Object.defineProperty(Promise, 'withResolvers', {
    configurable: true,
    writable: true,
    value<T>(this: PromiseConstructor) {
      let resolve!: (value: T | PromiseLike<T>) => void
      let reject!: (reason?: unknown) => void
      const promise = new this<T>((...functions) => {
        ;[resolve, reject] = functions
      })
      return { promise, resolve, reject }
    },
  })
}

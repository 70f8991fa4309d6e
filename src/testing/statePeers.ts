import { memoryPipes } from '../pipes/memoryPipes.ts'
import type { PeerSource } from '../pipes/PeerSource.ts'
import type { SnapServer } from '../snap/server/SnapServer.ts'
import { serveSnap } from '../snap/server/serveSnap.ts'

/**
 * Peers within the page: each handler is one, connected at once and until the sync ends.
 *
 * @example
 * ```ts
 * const peers = statePeers([stateHandler(memoryState(syntheticAccounts({ seed: 1, accounts: 100 })).source)])
 * ```
 */
export function statePeers(handlers: readonly SnapServer[]): PeerSource {
  return async function* ({ signal, onEvent }) {
    const pipes = handlers.map((handler, index) => {
      const peer = `peer-${index}`
      const [near, far] = memoryPipes([peer, 'client'])
      void serveSnap(far, handler)
      onEvent({ type: 'connected', address: 'memory', peer, transport: 'memory' })
      return near
    })
    yield* pipes
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      else signal.addEventListener('abort', () => resolve(), { once: true })
    })
    for (const pipe of pipes) pipe.close()
  }
}

import type { PageMessage } from '../engine/protocol.ts'
import type { VerifierBuild } from '../verifier/Verifier.ts'
import type { EnginePort } from './EnginePort.ts'
import { workerFailure } from './workerFailure.ts'

/**
 * Connects further workers with the engine, each by a channel of its own: they verify for it, and
 * the page hears of a worker only when it fails. The engine then works without it and tells the
 * page to end it.
 *
 * @param workers made as the engine's was
 * @param build that the app chose
 */
export function linkVerifiers(
  workers: readonly Worker[],
  engine: EnginePort,
  build: VerifierBuild | undefined,
): void {
  for (const [index, worker] of workers.entries()) {
    // The engine is the first.
    const id = index + 2
    const { port1, port2 } = new MessageChannel()
    worker.addEventListener('error', (event) => engine.loseVerifier(id, workerFailure(event)))
    engine.addVerifier(id, port1)
    worker.postMessage({ type: 'verify', port: port2, build } satisfies PageMessage, [port2])
  }
}

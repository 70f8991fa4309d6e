import { portPipe } from '../pipes/portPipe.ts'
import { serveVerifier } from '../snap/verify/pool/serveVerifier.ts'
import { VerifierPool } from '../snap/verify/pool/VerifierPool.ts'
import { Engine } from './Engine.ts'
import {
  type Emit,
  ENGINE_METHODS,
  type EngineMessage,
  type MessageTarget,
  type PageMessage,
  toWire,
} from './protocol.ts'

/**
 * Runs the engine behind a port: the whole of a worker's file, or the other end of a
 * `MessageChannel` in the same thread. Of several workers (`verifiers`), the first is the engine,
 * and the others prove for it.
 *
 * @param scope the worker's global scope, or a port; the other end is given to `createStateSync`
 *
 * @example
 * ```ts
 * // state.worker.ts
 * import { run } from 'cambium/worker'
 * run(self)
 * ```
 */
export function run(scope: MessageTarget | Window): void {
  // Where a project has the DOM's types, `self` is a `Window` to the compiler, in a worker's file
  // too.
  const port = scope as MessageTarget
  const post = (message: EngineMessage) => port.postMessage(message)
  const emit: Emit = (name, detail) => post({ type: 'event', name, detail } as EngineMessage)
  const verifierPool = new VerifierPool({
    onLost({ id, code, message }) {
      emit('verifierEnd', id)
      emit('fault', { code, message })
    },
  })
  const engine = new Engine(emit, verifierPool)
  port.addEventListener('message', ({ data }: MessageEvent<PageMessage | undefined>) => {
    if (data?.type === 'peer') {
      engine.join(portPipe(data.port, { peer: data.peer, transport: data.transport }))
    }
    if (data?.type === 'verifier') verifierPool.add(data.id, data.port)
    if (data?.type === 'verifierLost') verifierPool.lose(data.id, data.reason)
    if (data?.type === 'verify') void serveVerifier(data.port, data.build)
    if (data?.type === 'header') engine.header(data.header)
    if (data?.type === 'headersEnd') engine.endHeaders(data.error)
    // A worker of the app's may get messages that are none of ours.
    if (data?.type !== 'call' || !ENGINE_METHODS.includes(data.method)) return
    const { id, method, args } = data
    const call = engine[method] as (...args: unknown[]) => Promise<unknown>
    call.apply(engine, args).then(
      (value) => post({ type: 'result', id, value }),
      (error) => post({ type: 'error', id, error: toWire(error) }),
    )
  })
  port.start?.()
}

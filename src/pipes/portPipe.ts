import { AsyncQueue } from '../base/AsyncQueue.ts'
import { FalseAnswerError, PeerClosedError } from './errors.ts'
import type { FramePipe } from './FramePipe.ts'

/** The last message on a port; every other one is the `ArrayBuffer` of a frame. */
interface Goodbye {
  /** Why, where there was a reason. */
  reason: string | undefined
  /** Of the request whose answer was false, where that is the reason. */
  falseAnswer?: bigint
}

/**
 * A pipe over a `MessagePort`, in browsers and in Node. Frames are transferred: a frame that was
 * given to `send` must not be used afterwards (one that shares its buffer with other bytes is
 * copied first). The pipe owns the port: it starts it now, and closes it in the end.
 *
 * Where the other end closed with a reason, reading ends with a `PeerClosedError` that carries it,
 * or with a `FalseAnswerError` where that was the reason.
 *
 * @param about who is at the other end of the connection that the port stands for
 * @example
 * const { port1, port2 } = new MessageChannel()
 * worker.postMessage({ port: port2 }, [port2])
 * joinPipes(libp2pPipe, portPipe(port1, libp2pPipe))
 */
export function portPipe(
  port: MessagePort,
  about: { readonly peer: string; readonly transport: string },
): FramePipe {
  const { peer, transport } = about
  const incoming = new AsyncQueue<Uint8Array>()

  port.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer | Goodbye>) => {
    if (data instanceof ArrayBuffer) {
      incoming.push(new Uint8Array(data))
      return
    }
    incoming.end(reasonOf(peer, data))
    port.close()
  })
  // The other thread is gone without a goodbye. Browsers that do not know this event notice
  // nothing.
  port.addEventListener('close', () => incoming.end())
  port.start()

  return {
    peer,
    transport,
    send(frame) {
      if (incoming.ended) return
      const { buffer } = frame.byteLength === frame.buffer.byteLength ? frame : frame.slice()
      port.postMessage(buffer, [buffer as ArrayBuffer])
    },
    close(reason) {
      if (incoming.ended) return
      incoming.abandon()
      const falseAnswer = reason instanceof FalseAnswerError && { falseAnswer: reason.requestId }
      port.postMessage({ reason: reason?.message, ...falseAnswer } satisfies Goodbye)
      port.close()
    },
    [Symbol.asyncIterator]: () => incoming[Symbol.asyncIterator](),
  }
}

function reasonOf(peer: string, { reason, falseAnswer }: Goodbye): Error | undefined {
  if (reason === undefined) return undefined
  const error = new PeerClosedError(peer, reason)
  return falseAnswer === undefined ? error : new FalseAnswerError(falseAnswer, error)
}

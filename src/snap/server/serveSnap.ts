import type { FramePipe } from '../../pipes/FramePipe.ts'
import { decodeMessage } from '../decodeMessage.ts'
import { encodeMessage } from '../encodeMessage.ts'
import {
  PeerProtocolError,
  type PeerProtocolFault,
  SnapCodecError,
  SnapRequestError,
} from '../errors.ts'
import { MAX_FRAME_BYTES, type SnapRequest, type SnapResponse } from '../SnapMessage.ts'
import type { SnapServer } from './SnapServer.ts'

/**
 * Answers one request; the answer carries the request's id.
 * @throws {SnapRequestError} when the request is one that snap/1 does not allow
 */
export type SnapHandler = (request: SnapRequest) => SnapResponse | Promise<SnapResponse>

export interface ServeSnapOptions {
  /**
   * Requests that are worked on at once; when there are as many, the pipe is not read.
   * @default 16
   */
  concurrency?: number
  /**
   * Called before a request is worked on. Resolves when there is room for its answer, to a function
   * that frees the room; it is called when the answer has left. Resolves to `undefined` if the peer
   * is gone, and the request is dropped. Must not reject.
   */
  reserve?: (request: SnapRequest) => Promise<(() => void) | undefined>
  /** Told when an answer is made, before it is sent, how many bytes it has. Must not throw. */
  onAnswer?: (request: SnapRequest, bytes: number) => void
  /**
   * When it aborts, requests that were not begun are left, and the pipe is closed when the other
   * answers have left.
   */
  signal?: AbortSignal
  /**
   * Told once what ended the pipe, unless the peer just closed it: a `PeerProtocolError`, what the
   * handler threw, or what broke the pipe. Must not throw.
   */
  onFault?: (error: unknown) => void
}

/**
 * After this much work, other pipes and timers get their turn: a queue full of frames would never
 * let them.
 */
const SLICE_MS = 10

/**
 * Answers the requests of one peer until its pipe ends. A frame that is no request closes the pipe:
 * there is no telling what else is wrong with a peer that sends one.
 *
 * @returns resolves when the pipe has ended and no request is being worked on; never rejects
 * @example
 * for await (const pipe of connections) void serveSnap(pipe, stateHandler(source), { onFault: console.warn })
 */
export async function serveSnap(
  pipe: FramePipe,
  handler: SnapServer,
  options: ServeSnapOptions = {},
): Promise<void> {
  const { concurrency = 16, reserve, onAnswer, signal, onFault } = options
  const running = new Set<Promise<void>>()
  let failed = false

  function fail(error: unknown): void {
    if (failed) return
    failed = true
    pipe.close(error instanceof Error ? error : new Error(String(error)))
    onFault?.(error)
  }

  async function answer(request: SnapRequest): Promise<void> {
    const release = reserve && (await reserve(request))
    if (reserve !== undefined && release === undefined) return
    try {
      const frame = encodeMessage(await handler(request))
      onAnswer?.(request, frame.length)
      pipe.send(frame)
      await pipe.drain?.()
    } catch (error) {
      fail(error instanceof SnapRequestError ? violation(pipe, 'bad request', error) : error)
    } finally {
      release?.()
    }
  }

  const stop = () => void Promise.all(running).then(() => pipe.close())
  signal?.addEventListener('abort', stop)
  if (signal?.aborted) stop()
  try {
    let sliceEnd = performance.now() + SLICE_MS
    for await (const frame of pipe) {
      if (signal?.aborted) break
      const work = answer(decodeRequest(pipe, frame)).then(() => void running.delete(work))
      running.add(work)
      while (running.size >= concurrency) await Promise.race(running)
      if (performance.now() > sliceEnd) {
        await new Promise((resolve) => setTimeout(resolve))
        sliceEnd = performance.now() + SLICE_MS
      }
    }
  } catch (error) {
    fail(error)
  }
  await Promise.all(running)
  signal?.removeEventListener('abort', stop)
}

/** @throws {PeerProtocolError} when the frame is no request */
function decodeRequest(pipe: FramePipe, frame: Uint8Array): SnapRequest {
  if (frame.length > MAX_FRAME_BYTES) {
    const detail = `${frame.length} bytes, at most ${MAX_FRAME_BYTES} are allowed`
    throw new PeerProtocolError(pipe.peer, 'oversized frame', detail)
  }
  try {
    const message = decodeMessage(frame)
    if ('bytes' in message) return message
    throw new PeerProtocolError(pipe.peer, 'unexpected message', `${message.kind} is no request`)
  } catch (error) {
    throw error instanceof SnapCodecError ? violation(pipe, 'malformed message', error) : error
  }
}

function violation(pipe: FramePipe, fault: PeerProtocolFault, cause: Error): PeerProtocolError {
  return new PeerProtocolError(pipe.peer, fault, cause.message, { cause })
}

import { LengthPrefixedDecoder } from '@libp2p/utils'
import { decode, encode, encodingLength } from 'uint8-varint'
import { Uint8ArrayList } from 'uint8arraylist'
import { AsyncQueue } from '../base/AsyncQueue.ts'
import { PeerClosedError } from '../pipes/errors.ts'
import type { FramePipe } from '../pipes/FramePipe.ts'
import { PeerProtocolError } from '../snap/errors.ts'
import { MAX_FRAME_BYTES } from '../snap/SnapMessage.ts'
import {
  FloodingPeerError,
  FrameTooLargeError,
  HalfOpenPeerError,
  SlowPeerError,
} from './errors.ts'
import type { Libp2pClose, Libp2pMessage, Libp2pStream } from './Libp2pNode.ts'

export interface StreamPipeOptions {
  /** Who is at the other end: a peer id. */
  peer: string
  /** How it is reached: `'webrtc'`, `'websocket'`, … */
  transport: string
  /** Bytes of the largest frame that is taken from the peer. @default 10 MiB */
  maxFrameBytes?: number
  /**
   * Bytes that may wait to be sent: twice the largest frame, so that one can follow another.
   * @default 20 MiB
   */
  maxUnsentBytes?: number
  /**
   * A peer that takes nothing for so long while something waits for it is gone, in ms. @default 60
   * 000
   */
  stallTimeoutMs?: number
  /** A frame that was begun must be whole within this time, in ms. @default it may take any time */
  frameTimeoutMs?: number
  /** Bytes of whole frames that may wait for the reader. @default 64 MiB */
  maxUnreadBytes?: number
  /**
   * How many whole frames may wait for the reader: each takes some hundred bytes, however short.
   * @default 16 384
   */
  maxUnreadFrames?: number
  /** Called once, when the pipe has ended, with the reason where it broke. */
  onClose?: (reason: Error | undefined) => void
}

/**
 * A peer that does not answer the end of the stream with its own end is cut off after this time.
 */
const CLOSE_TIMEOUT_MS = 5_000

/**
 * Frames over a libp2p stream: each is an unsigned varint with its length, then its bytes. Both
 * sides of a connection use it, the page and the bridge.
 *
 * Iterating the pipe throws, and the stream is reset,
 * - with {@link PeerProtocolError} when the peer sends a frame of no bytes,
 * - with {@link FrameTooLargeError} when the peer announces a frame above `maxFrameBytes`,
 * - with {@link HalfOpenPeerError} when the peer begins a frame and sends nothing more of it for
 *   `frameTimeoutMs`,
 * - with {@link FloodingPeerError} when more than `maxUnreadBytes` or `maxUnreadFrames` wait for
 *   the reader,
 * - with {@link SlowPeerError} when more than `maxUnsentBytes` wait for the peer, or it stalls
 *   while `drain` waits,
 * - with the stream's own error when the connection broke.
 *
 * @example
 * const stream = await connection.newStream('/cambium/snap/1.0.0')
 * const pipe = streamPipe(stream, { peer: connection.remotePeer.toString(), transport: 'webrtc' })
 */
export function streamPipe(stream: Libp2pStream, options: StreamPipeOptions): FramePipe {
  const { peer, transport, frameTimeoutMs, onClose } = options
  const maxFrameBytes = options.maxFrameBytes ?? MAX_FRAME_BYTES
  const maxUnsentBytes = options.maxUnsentBytes ?? 2 * MAX_FRAME_BYTES
  const stallTimeoutMs = options.stallTimeoutMs ?? 60_000
  const maxUnreadBytes = options.maxUnreadBytes ?? 64 * 2 ** 20
  const frames = new AsyncQueue<Uint8Array>()
  const decoder = new LengthPrefixedDecoder({
    lengthDecoder: (bytes) => decodeLength(bytes, maxFrameBytes),
    maxDataLength: maxFrameBytes,
    // Beside a frame that is almost complete: what one event may bring, which is a stream's whole
    // read buffer.
    maxBufferSize: maxFrameBytes + stream.maxReadBufferLength,
  })
  const { maxUnreadFrames = 16_384 } = options
  let unread = 0
  let unreadFrames = 0
  let closed = false
  /** Bytes of a frame that is not whole yet, and the time that it has left. */
  let begun = 0
  let frameTimer: ReturnType<typeof setTimeout> | undefined

  function end(reason: Error | undefined): boolean {
    if (closed) return false
    closed = true
    stream.removeEventListener('message', onMessage)
    clearTimeout(frameTimer)
    frames.end(reason)
    onClose?.(reason)
    return true
  }

  function fail(reason: Error): void {
    if (end(reason)) stream.abort(reason)
  }

  function finish(): void {
    if (!end(undefined)) return
    stream
      .close({ signal: AbortSignal.timeout(CLOSE_TIMEOUT_MS) })
      .catch((error: Error) => stream.abort(error))
  }

  function onMessage(event: Libp2pMessage): void {
    try {
      begun += event.data.byteLength
      for (const bytes of decoder.decode(event.data as Uint8ArrayList)) {
        unread += bytes.byteLength
        begun -= encodingLength(bytes.byteLength) + bytes.byteLength
        clearTimeout(frameTimer)
        frameTimer = undefined
        unreadFrames++
        if (unread > maxUnreadBytes || unreadFrames > maxUnreadFrames) {
          fail(new FloodingPeerError(peer, { bytes: unread, frames: unreadFrames }))
          return
        }
        frames.push(joined(bytes))
      }
      if (frameTimeoutMs !== undefined && begun > 0) frameTimer ??= setTimeout(late, frameTimeoutMs)
    } catch (cause) {
      fail(
        cause instanceof EmptyFrame
          ? new PeerProtocolError(peer, 'malformed message', 'a frame of no bytes')
          : new FrameTooLargeError(peer, `announced above ${maxFrameBytes} bytes`, { cause }),
      )
    }
  }

  function late(): void {
    fail(new HalfOpenPeerError(peer, `${begun} bytes of a frame, no more for ${frameTimeoutMs} ms`))
  }

  function onEnd(): void {
    // Also a stream that broke ends, and says why in the `close` that follows.
    if (stream.status === 'open') finish()
  }

  stream.addEventListener('end', onEnd)
  stream.addEventListener('close', (event: Libp2pClose) => end(event.error))
  // Bytes that came before are delivered to the first listener, so this is the last of the three.
  stream.addEventListener('message', onMessage)
  // Both events may have passed while the protocol was negotiated, and they do not come again.
  if (stream.readableEnded) onEnd()
  if (stream.status !== 'open') end(new PeerClosedError(peer, `the stream is ${stream.status}`))

  return {
    peer,
    transport,
    send(frame) {
      if (closed) return
      if (frame.length > MAX_FRAME_BYTES) {
        throw new FrameTooLargeError(peer, `${frame.length} bytes, at most ${MAX_FRAME_BYTES}`)
      }
      const unsent = stream.writeBufferLength + frame.length
      if (unsent > maxUnsentBytes) {
        fail(new SlowPeerError(peer, `${unsent} unsent bytes, at most ${maxUnsentBytes}`))
        return
      }
      try {
        stream.send(new Uint8ArrayList(encode(frame.length), frame))
      } catch (error) {
        // The stream closed in this moment. The reader of the pipe learns why.
        fail(error as Error)
      }
    },
    async drain() {
      // The stream takes more as soon as the peer took anything; it is empty when it does not need
      // to drain again.
      while (!closed && stream.writableNeedsDrain) {
        if (await moves(stream, stallTimeoutMs)) continue
        fail(new SlowPeerError(peer, `nothing taken for ${stallTimeoutMs} ms`))
      }
    },
    close(reason) {
      if (reason === undefined) finish()
      else fail(reason)
      frames.abandon()
    },
    async *[Symbol.asyncIterator]() {
      for await (const frame of frames) {
        unread -= frame.length
        unreadFrames--
        yield frame
      }
    },
  }
}

class EmptyFrame extends Error {}

/**
 * @throws {RangeError} when there are too few bytes yet, {@link Error} when the length cannot be a
 *   frame's any more
 */
function decodeLength(bytes: Uint8Array | Uint8ArrayList, maxFrameBytes: number): number {
  try {
    const length = decode(bytes)
    // No message of any protocol is empty, and the decoder would pass over any number of them.
    if (length === 0) throw new EmptyFrame()
    return length
  } catch (cause) {
    if (cause instanceof EmptyFrame) throw cause
    // The library calls a length without end incomplete, and would wait for more of it for ever.
    if (bytes.byteLength < encodingLength(maxFrameBytes)) throw cause
    throw new Error('length without end', { cause })
  }
}

/**
 * Resolves to true when the stream takes more or has closed, to false when neither happens in time.
 */
function moves(stream: Libp2pStream, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (moved: boolean) => {
      clearTimeout(timer)
      stream.removeEventListener('drain', moving)
      stream.removeEventListener('close', moving)
      resolve(moved)
    }
    const moving = () => settle(true)
    const timer = setTimeout(() => settle(false), timeoutMs)
    stream.addEventListener('drain', moving)
    stream.addEventListener('close', moving)
  })
}

/**
 * One buffer of its own per frame: a frame is transferred to a worker, which would take its
 * neighbours with it.
 */
function joined(bytes: Uint8ArrayList): Uint8Array {
  const frame = new Uint8Array(bytes.byteLength)
  let at = 0
  for (const part of bytes) {
    frame.set(part, at)
    at += part.byteLength
  }
  return frame
}

import { sleep } from '../base/sleep.ts'
import type { BlockHeader } from '../chain/Header.ts'
import type { FramePipe } from '../pipes/FramePipe.ts'
import { transportOf } from './bridgeAddresses.ts'
import { FloodingPeerError } from './errors.ts'
import type { Libp2pConnection } from './Libp2pNode.ts'
import { decodeHead } from './protocols/headCodec.ts'
import { HEAD_PROTOCOL } from './protocols/protocol.ts'
import { streamPipe } from './streamPipe.ts'

/** A head has some 110 bytes. */
const MAX_FRAME_BYTES = 128

/** The newest head is told this often at most, in milliseconds: people see no more. */
const TELL_EVERY_MS = 250

/**
 * Heads that a bridge may send at once, and per second. A reorg may tell 128 at once, and blocks of
 * a tenth of a second are the fastest that any chain has.
 */
const HEADS_AT_ONCE = 600
const HEADS_PER_SECOND = 20

/**
 * The heads that a bridge announces: the newest at once, and then the newest of those that have
 * come since, four times a second at most. The others are dropped unread. They are hints, which are
 * not proven: good for telling people what a bridge is at, never for choosing a root to trust.
 *
 * Ends when `signal` aborts or the bridge ends the stream.
 *
 * @throws {PeerProtocolError} when the bridge sends anything else
 * @throws {FrameTooLargeError} when it sends more than a head has
 * @throws {FloodingPeerError} when it sends more heads than any chain has
 * @throws {Error} libp2p's own, when the bridge has no heads to announce, or the connection breaks
 *
 * @example
 * for await (const { number } of announcedHeads(connection, { signal })) console.log(number)
 */
export async function* announcedHeads(
  connection: Libp2pConnection,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<BlockHeader, void, undefined> {
  const peer = connection.remotePeer.toString()
  const pipe = streamPipe(await connection.newStream(HEAD_PROTOCOL, { signal }), {
    peer,
    transport: transportOf(connection.remoteAddr) ?? 'libp2p',
    maxFrameBytes: MAX_FRAME_BYTES,
    maxUnreadFrames: HEADS_AT_ONCE,
  })
  const stop = () => pipe.close()
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  const newest = new NewestFrame()
  void newest.read(pipe, peer)
  try {
    for (;;) {
      const frame = await newest.take()
      if (frame === undefined) return
      yield decodeHead(frame, peer)
      await sleep(TELL_EVERY_MS, newest.ended)
    }
  } finally {
    signal.removeEventListener('abort', stop)
    stop()
  }
}

/** Keeps the newest of the frames that come, and counts how fast they do. */
class NewestFrame {
  #frame: Uint8Array | undefined
  #error: unknown
  #wake: (() => void) | undefined
  readonly #end = new AbortController()

  /** Aborts when no more frames come. */
  get ended(): AbortSignal {
    return this.#end.signal
  }

  /** Reads a pipe to its end. Never rejects; `take` throws what ended it. */
  async read(pipe: FramePipe, peer: string): Promise<void> {
    let allowed = HEADS_AT_ONCE
    let frames = 0
    let at = performance.now()
    try {
      for await (const frame of pipe) {
        const now = performance.now()
        const earned = ((now - at) / 1000) * HEADS_PER_SECOND
        allowed = Math.min(allowed + earned, HEADS_AT_ONCE) - 1
        at = now
        frames++
        if (allowed < 0) throw new FloodingPeerError(peer, { bytes: frame.length, frames })
        this.#frame = frame
        this.#wake?.()
      }
    } catch (error) {
      this.#error = error
      pipe.close(error as Error)
    } finally {
      this.#end.abort()
      this.#wake?.()
    }
  }

  /** The newest frame, now or when it comes; `undefined` at the end. */
  async take(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#error !== undefined) throw this.#error
      const frame = this.#frame
      this.#frame = undefined
      if (frame !== undefined || this.#end.signal.aborted) return frame
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}

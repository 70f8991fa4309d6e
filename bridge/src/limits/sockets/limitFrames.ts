import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'
import { MuxerFaultError } from '../errors.ts'
import { TokenBucket } from '../TokenBucket.ts'

/** What Yamux gives a stream to send ahead, at first and, here, ever: no frame can be larger. */
export const YAMUX_WINDOW_BYTES = 256 * 1024

/**
 * Frames per second of a connection, and at once. At 32 MiB/s a page acknowledges 512 answers'
 * frames in a second, and asks for a hundred; each takes some 20 µs here.
 */
const FRAMES_PER_SECOND = 2_000
const FRAMES_AT_ONCE = 8_000

const HEADER_BYTES = 12
const TYPE_AT = 1
const LENGTH_AT = 8
const DATA = 0

/**
 * Looks at the frames of a Yamux connection before Yamux does, which holds what it is sent of a
 * frame until the frame is whole, and takes 4 GiB for the length of one. Ends the connection with
 * {@link MuxerFaultError} where a frame is longer than a stream may send ahead, or there are too
 * many.
 */
export function limitFrames(factory: StreamMuxerFactory): StreamMuxerFactory {
  return {
    protocol: factory.protocol,
    createStreamMuxer(stream: MessageStream): StreamMuxer {
      // Yamux writes in turns of its own. Nothing there catches the error of writing to a
      // connection that has just closed.
      const send = stream.send.bind(stream)
      stream.send = (data) => {
        try {
          return send(data)
        } catch (error) {
          if ((error as Error).name === 'StreamStateError') return false
          throw error
        }
      }
      const look = frameReader()
      stream.addEventListener('message', ({ data }) => {
        const error = look(data)
        if (error !== undefined) stream.abort(error)
      })
      return factory.createStreamMuxer(stream)
    },
  }
}

/** Reads headers, however what comes is cut, and skips what they announce. */
function frameReader(): (data: Uint8Array | Uint8ArrayList) => Error | undefined {
  const frames = new TokenBucket({ perSecond: FRAMES_PER_SECOND, burst: FRAMES_AT_ONCE })
  const header = new Uint8Array(HEADER_BYTES)
  const view = new DataView(header.buffer)
  let have = 0
  let skip = 0
  let failed = false

  function fail(why: string): Error {
    failed = true
    return new MuxerFaultError(why)
  }

  return (data) => {
    if (failed) return undefined
    const bytes = data instanceof Uint8Array ? data : data.subarray()
    for (let at = 0; at < bytes.length; ) {
      if (skip > 0) {
        const skipped = Math.min(skip, bytes.length - at)
        skip -= skipped
        at += skipped
        continue
      }
      header[have++] = bytes[at++]!
      if (have < HEADER_BYTES) continue
      have = 0
      const length = header[TYPE_AT] === DATA ? view.getUint32(LENGTH_AT) : 0
      if (length > YAMUX_WINDOW_BYTES) return fail(`one of ${length} bytes is announced`)
      if (!frames.tryTake(1)) return fail(`more than ${FRAMES_PER_SECOND} in a second`)
      skip = length
    }
    return undefined
  }
}

import { transportOf } from './bridgeAddresses.ts'
import type { Libp2pConnection } from './Libp2pNode.ts'
import { encodeFault } from './protocols/faultCodec.ts'
import { FAULT_PROTOCOL } from './protocols/protocol.ts'
import { streamPipe } from './streamPipe.ts'

/** Nobody waits for long to tell a liar that it lied. */
const TIMEOUT_MS = 2_000

/** Nothing is to be read from such a stream. */
const MAX_FRAME_BYTES = 1

/**
 * Tells a bridge that the answer to a request was false, so that it can ask somebody else from now
 * on. Resolves when it was told, or cannot be; never rejects.
 */
export async function tellFault(connection: Libp2pConnection, requestId: bigint): Promise<void> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const pipe = streamPipe(await connection.newStream(FAULT_PROTOCOL, { signal }), {
      peer: connection.remotePeer.toString(),
      transport: transportOf(connection.remoteAddr) ?? 'libp2p',
      maxFrameBytes: MAX_FRAME_BYTES,
    })
    const onAbort = () => pipe.close()
    signal.addEventListener('abort', onAbort)
    pipe.send(encodeFault(requestId))
    // The bridge ends the stream when it has read it; before, the connection must not be closed.
    for await (const _ of pipe) break
    signal.removeEventListener('abort', onAbort)
    pipe.close()
  } catch {
    // Bridges need not listen, and this one is not to be asked again.
  }
}

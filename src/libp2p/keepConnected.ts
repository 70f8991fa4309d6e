import type { BlockHeader } from '../chain/Header.ts'
import { FalseAnswerError } from '../pipes/errors.ts'
import type { FramePipe } from '../pipes/FramePipe.ts'
import type { ConnectionEvent } from '../pipes/PeerSource.ts'
import { announcedHeads } from './announcedHeads.ts'
import { type BridgeAddress, transportOf } from './bridgeAddresses.ts'
import { FloodingPeerError } from './errors.ts'
import type { Libp2pConnection, Libp2pNode, Libp2pStream } from './Libp2pNode.ts'
import { SNAP_PROTOCOL } from './protocols/protocol.ts'
import { streamPipe } from './streamPipe.ts'
import { tellFault } from './tellFault.ts'

interface Keeping {
  node: Libp2pNode
  /** Peer id of the bridge. */
  peer: string
  /** Ways to the bridge, in the order in which they are tried. */
  addresses: readonly BridgeAddress[]
  dialTimeoutMs: number
  /** Failures in a row → ms to wait. */
  delay: (failures: number) => number
  wait: (ms: number, signal: AbortSignal) => Promise<void>
  /** Milliseconds of a clock that never goes back. */
  now: () => number
  /** Ends it all. */
  signal: AbortSignal
  onEvent: (event: ConnectionEvent) => void
  onPipe: (pipe: FramePipe) => void
  onHead: ((head: BlockHeader, peer: string) => void) | undefined
}

/** How one try to have a connection ended. */
interface Outcome {
  /** The one that was connected, or else the first that was tried. */
  address: string
  reason: string
  /** Whether a connection lasted for `STEADY_MS`, and its pipe's owner did not refuse it then. */
  steady?: boolean
  /**
   * Whether who had the pipe closed it without a reason: the bridge is not needed any more in this
   * run.
   */
  dismissed?: boolean
}

/**
 * A connection of this length is a success, after which waits are short again: twice the longest
 * wait by default, so that a bridge that lies, or takes streams and drops them because it is full,
 * is not dialled twice a second for ever.
 */
const STEADY_MS = 60_000

/**
 * Keeps one pipe to one bridge: dials, hands the pipe over, waits for its end, waits by the
 * back-off, dials again. Until the signal, or until who has the pipe closes it without a reason.
 */
export async function keepConnected(keeping: Keeping): Promise<void> {
  const { delay, wait, signal, onEvent } = keeping
  let failures = 0
  while (!signal.aborted) {
    const dialled = await dial(keeping)
    const { address, reason, steady, dismissed } =
      'stream' in dialled ? await serve(keeping, dialled) : dialled
    if (dismissed) return
    failures = steady ? 1 : failures + 1
    if (signal.aborted) return
    const inMs = delay(failures)
    onEvent({ type: 'retry', address, reason, inMs })
    await wait(inMs, signal)
  }
}

interface Dialled {
  address: string
  connection: Libp2pConnection
  /** Whether the connection was there before, so it is not ours to close. */
  shared: boolean
  stream: Libp2pStream
}

/** The first address that gives a stream, or why none does. */
async function dial(keeping: Keeping): Promise<Dialled | Outcome> {
  const { node, addresses, dialTimeoutMs, signal: ended, onEvent } = keeping
  const reasons: string[] = []
  for (const { transport, multiaddr } of addresses) {
    if (ended.aborted) break
    const address = multiaddr.toString()
    onEvent({ type: 'connecting', address })
    const signal = AbortSignal.any([ended, AbortSignal.timeout(dialTimeoutMs)])
    // An app's node may be connected already, and use the connection for more than this.
    const before = node.getConnections()
    let connection: Libp2pConnection | undefined
    let shared = false
    try {
      connection = await node.dial(multiaddr as never, { signal })
      shared = before.includes(connection)
      const stream = await connection.newStream(SNAP_PROTOCOL, { signal })
      return { address, connection, shared, stream }
    } catch (error) {
      if (!shared) connection?.abort(error as Error)
      // A browser's WebSocket fails with an event that says nothing, to keep what is on the network
      // from the page.
      reasons.push(`${transport}: ${(error as Error).message || 'cannot connect'}`)
    }
  }
  const address = String(addresses[0]?.multiaddr)
  return { address, reason: reasons.join('; ') }
}

/** Hands the pipe over, and resolves when it has ended. */
async function serve(keeping: Keeping, dialled: Dialled): Promise<Outcome> {
  const { peer, now, signal, onEvent, onPipe } = keeping
  const { address, connection, shared, stream } = dialled
  const since = now()
  let dismissed = false
  let refused = false
  let falseAnswer: bigint | undefined
  let stop = () => {}
  const over = new AbortController()
  const error = await new Promise<Error | undefined>((resolve) => {
    const transport = transportOf(connection.remoteAddr) ?? 'libp2p'
    let open = true
    const onClose = (error: Error | undefined) => {
      open = false
      resolve(error)
    }
    const pipe = streamPipe(stream, { peer, transport, onClose })
    stop = () => pipe.close()
    signal.addEventListener('abort', stop)
    if (signal.aborted) return stop()
    onEvent({ type: 'connected', address, peer, transport })
    const close = (cause?: Error) => {
      if (open) {
        dismissed = cause === undefined
        refused = !dismissed
        if (cause instanceof FalseAnswerError) falseAnswer = cause.requestId
      }
      pipe.close(cause)
    }
    onPipe({ ...pipe, close })
    const until = AbortSignal.any([signal, over.signal])
    void tellHeads(keeping, connection, until, (error) => {
      refused = true
      pipe.close(error)
    })
  })
  const steady = !refused && now() - since >= STEADY_MS
  signal.removeEventListener('abort', stop)
  over.abort()
  if (falseAnswer !== undefined) await tellFault(connection, falseAnswer)
  // The next dial must make a new connection, not find this one.
  if (!shared) await connection.close().catch((error: Error) => connection.abort(error))
  const reason = error?.message ?? 'the bridge ended the stream'
  const byUs = dismissed || signal.aborted
  onEvent(byUs ? { type: 'closed', address, peer } : { type: 'lost', address, peer, reason })
  return { address, reason, steady, dismissed }
}

/**
 * Passes heads on until `signal`. A bridge without heads, or with false ones, is as good as any:
 * they are only hints. One that floods the page with them is disconnected.
 */
async function tellHeads(
  { peer, onHead }: Keeping,
  connection: Libp2pConnection,
  signal: AbortSignal,
  onFlood: (error: Error) => void,
): Promise<void> {
  if (onHead === undefined) return
  const heads = announcedHeads(connection, { signal })
  for (;;) {
    const next = await heads.next().catch((error) => {
      if (error instanceof FloodingPeerError) onFlood(error)
    })
    if (!next || next.done) return
    onHead(next.value, peer)
  }
}

import { AsyncQueue } from '../base/AsyncQueue.ts'
import type { FramePipe } from './FramePipe.ts'

/**
 * Two ends of a pipe within one process. Frames are copied on their way, so that each end owns what
 * it reads. Closing one end ends its own reading at once; the other end still reads what was sent
 * before, then ends, or throws the reason of the closing where one was given.
 *
 * @param peers what each end calls the other: the first element is what the first pipe calls the
 *   second
 * @example
 * const [client, server] = memoryPipes()
 * serveSnap(server, stateHandler(source))
 * new SnapClient(client)
 */
export function memoryPipes(
  peers: readonly [string, string] = ['memory-b', 'memory-a'],
): [FramePipe, FramePipe] {
  const toFirst = new AsyncQueue<Uint8Array>()
  const toSecond = new AsyncQueue<Uint8Array>()
  return [end(peers[0], toFirst, toSecond), end(peers[1], toSecond, toFirst)]
}

function end(
  peer: string,
  incoming: AsyncQueue<Uint8Array>,
  outgoing: AsyncQueue<Uint8Array>,
): FramePipe {
  return {
    peer,
    transport: 'memory',
    send: (frame) => outgoing.push(frame.slice()),
    close(reason) {
      incoming.abandon()
      outgoing.end(reason)
    },
    [Symbol.asyncIterator]: () => incoming[Symbol.asyncIterator](),
  }
}

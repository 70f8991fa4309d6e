import type { FramePipe, PeerSource } from 'cambium'

/**
 * The same peers, further away.
 *
 * @param delay what a request takes longer to reach them from now on, in ms
 */
export function slowPeers(peers: PeerSource, delay: () => number): PeerSource {
  return async function* (options) {
    for await (const pipe of peers(options)) yield delayed(pipe, delay)
  }
}

function delayed(pipe: FramePipe, delay: () => number): FramePipe {
  return {
    peer: pipe.peer,
    transport: pipe.transport,
    send: (frame) => void setTimeout(() => pipe.send(frame), delay()),
    close: (reason) => pipe.close(reason),
    [Symbol.asyncIterator]: () => pipe[Symbol.asyncIterator](),
  }
}

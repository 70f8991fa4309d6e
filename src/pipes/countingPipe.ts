import type { FramePipe } from './FramePipe.ts'

/** The same pipe, telling the size of every frame that comes out of it. */
export function countingPipe(pipe: FramePipe, onBytes: (bytes: number) => void): FramePipe {
  return {
    peer: pipe.peer,
    transport: pipe.transport,
    send: (frame) => pipe.send(frame),
    close: (reason) => pipe.close(reason),
    async *[Symbol.asyncIterator]() {
      for await (const frame of pipe) {
        onBytes(frame.length)
        yield frame
      }
    },
  }
}

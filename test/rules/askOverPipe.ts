import type { FramePipe } from '../../src/pipes/FramePipe.ts'
import type { Ask } from './Ask.ts'

/**
 * Asks a server over a pipe, one question at a time.
 *
 * @param open makes a connection: at the first question, and at the next one after the server
 *   closed it
 * @example
 * const ask = askOverPipe(() => {
 *   const [client, server] = memoryPipes()
 *   void serveSnap(server, stateHandler(source))
 *   return client
 * })
 */
export function askOverPipe(open: () => FramePipe | Promise<FramePipe>): Ask {
  let connection: { pipe: FramePipe; answers: AsyncIterator<Uint8Array> } | undefined
  return async (frame) => {
    if (connection === undefined) {
      const pipe = await open()
      connection = { pipe, answers: pipe[Symbol.asyncIterator]() }
    }
    connection.pipe.send(frame)
    // However it ended: a server may give a reason or just be gone.
    const answer = await connection.answers.next().catch(() => ({ done: true as const }))
    if (!answer.done) return answer.value
    connection.pipe.close()
    connection = undefined
    return 'closed'
  }
}

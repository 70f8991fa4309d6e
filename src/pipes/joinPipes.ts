import type { FramePipe } from './FramePipe.ts'

/**
 * Forwards frames both ways, unread, until one of the pipes ends; then closes the other, with the
 * reason if there is one.
 *
 * @returns resolves when both are closed; never rejects
 */
export async function joinPipes(a: FramePipe, b: FramePipe): Promise<void> {
  await Promise.all([forward(a, b), forward(b, a)])
}

async function forward(from: FramePipe, to: FramePipe): Promise<void> {
  let reason: Error | undefined
  try {
    for await (const frame of from) {
      to.send(frame)
      await to.drain?.()
    }
  } catch (error) {
    reason = error instanceof Error ? error : new Error(String(error))
  }
  to.close(reason)
  from.close(reason)
}

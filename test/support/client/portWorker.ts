import { run } from '../../../src/engine/run.ts'
import type { VerifierMessage } from '../../../src/snap/verify/pool/verifierMessages.ts'

/** What stands for a worker of the app's: the other end of a port, in this thread. */
export interface PortWorker {
  readonly worker: Worker
  /** What was sent to it. */
  readonly sent: { type: string }[]
  /** How often it was ended. */
  readonly ended: number
  /** How many answers it has verified for an engine. */
  readonly verified: number
  /** It fails as a worker does, and answers nothing any more. */
  fail(message?: string): void
  /** It dies, and nobody is told. */
  die(): void
}

/** @param begin what its script does; @default the whole of a worker's file */
export function portWorker(begin: (port: MessagePort) => void = run): PortWorker {
  const { port1, port2 } = new MessageChannel()
  const sent: { type: string }[] = []
  const ports = [port1, port2]
  let ended = 0
  let verified = 0
  // Before the script, which takes the port.
  port2.addEventListener('message', ({ data }: MessageEvent) => {
    if (data.type !== 'verify') return
    const { port } = data
    const post = port.postMessage.bind(port)
    port.postMessage = (message: VerifierMessage, transfer: Transferable[]) => {
      if (message.type === 'answer' && message.verified !== undefined) verified++
      post(message, transfer)
    }
    ports.push(port)
  })
  begin(port2)
  const die = () => {
    for (const port of ports) port.close()
  }
  const post = port1.postMessage.bind(port1)
  const worker = Object.assign(port1, {
    postMessage(message: { type: string }, transfer: Transferable[] = []) {
      sent.push(message)
      post(message, transfer)
    },
    terminate() {
      ended++
      die()
    },
  }) as unknown as Worker
  return {
    worker,
    sent,
    get ended() {
      return ended
    },
    get verified() {
      return verified
    },
    fail(message) {
      const event = new Event('error')
      port1.dispatchEvent(message === undefined ? event : Object.assign(event, { message }))
    },
    die,
  }
}

import { encodeMessage } from '../../../src/snap/encodeMessage.ts'
import type { SnapHandler } from '../../../src/snap/server/serveSnap.ts'
import type { VirtualClock } from '../sync/virtualClock.ts'

/** A peer behind a narrow link, which its answers share in the order in which they are ready. */
export class SlowLink {
  bytesPerMs: number
  /** Bytes of all answers, also of those on their way. */
  sent = 0
  readonly #clock: VirtualClock
  /** When the last answer has arrived. */
  #busyUntil = 0

  constructor(clock: VirtualClock, bytesPerMs: number) {
    this.#clock = clock
    this.bytesPerMs = bytesPerMs
  }

  /** The handler's answers, each after the time that it takes on the link. */
  behind(handler: SnapHandler): SnapHandler {
    return async (request) => {
      const answer = await handler(request)
      const { length } = encodeMessage(answer)
      const { now, timers } = this.#clock
      this.sent += length
      this.#busyUntil = Math.max(this.#busyUntil, now()) + length / this.bytesPerMs
      await new Promise<void>((resolve) => timers.setTimeout(resolve, this.#busyUntil - now()))
      return answer
    }
  }
}

import type { AnyAnswer, AnyWork } from './Work.ts'

/** An answer that has come, and waits for its turn. */
export interface ComeAnswer {
  work: AnyWork
  request: unknown
  answer: AnyAnswer
  /** What another thread has verified of it. */
  verified: unknown
}

/**
 * Gives answers that wait for their turn to other threads, the oldest first, whenever one has room
 * (`Work.verifyEarly`). Without such threads each is verified in its turn, and this does nothing.
 */
export class EarlyVerification<Answer extends ComeAnswer> {
  readonly #onVerified: (answer: Answer) => void
  readonly #onError: (error: unknown) => void
  readonly #waiting = new Set<Answer>()
  /** Those that other threads have, and whether their turn came meanwhile. */
  readonly #away = new Map<Answer, boolean>()
  #channel: MessageChannel | undefined

  /**
   * @param onVerified takes an answer back whose turn has passed
   * @param onError told of what no verifierThreads does: its promise rejected
   */
  constructor(onVerified: (answer: Answer) => void, onError: (error: unknown) => void) {
    this.#onVerified = onVerified
    this.#onError = onError
  }

  /** Whether other threads have answers. */
  get busy(): boolean {
    return this.#away.size > 0
  }

  /** An answer has come. */
  add(answer: Answer): void {
    if (answer.work.verifyEarly === undefined) return
    this.#waiting.add(answer)
    this.#share()
  }

  /**
   * The turn of an answer has come. @returns whether to accept it now; if not, another thread has
   * it and gives it back
   */
  take(answer: Answer): boolean {
    if (!this.#away.has(answer)) {
      this.#waiting.delete(answer)
      return true
    }
    this.#away.set(answer, true)
    return false
  }

  /**
   * A turn of the event loop, in which messages of the other threads come: a loop that finds one
   * answer after the other in its queue would never hear that they have room again. By a message,
   * as browsers hold timers back.
   */
  turn(): Promise<void> {
    this.#channel ??= new MessageChannel()
    const { port1, port2 } = this.#channel
    return new Promise((resolve) => {
      port1.onmessage = () => resolve()
      port2.postMessage(undefined)
    })
  }

  /** Nobody waits for anything any more. */
  stop(): void {
    this.#waiting.clear()
    this.#channel?.port1.close()
  }

  #share(): void {
    for (const answer of this.#waiting) {
      const verifying = answer.work.verifyEarly!(answer.request, answer.answer)
      if (verifying === undefined) return
      this.#waiting.delete(answer)
      this.#away.set(answer, false)
      verifying.then((verified) => this.#back(answer, verified), this.#onError)
    }
  }

  #back(answer: Answer, verified: unknown): void {
    const passed = this.#away.get(answer)
    this.#away.delete(answer)
    answer.verified = verified
    if (passed) this.#onVerified(answer)
    this.#share()
  }
}

import { type Clock, systemClock } from '../../../base/Clock.ts'
import type {
  AccountsClaim,
  SlotsClaim,
  VerifiedAccounts,
  VerifiedSlots,
} from '../../../verifier/Verifier.ts'
import type { AnswerFrame } from '../../AnswerFrame.ts'
import type { AccountRange, StorageRanges } from '../../SnapMessage.ts'
import { VerifierLostError } from './errors.ts'
import { VerifierPort } from './VerifierPort.ts'
import type { VerifierThreads } from './VerifierThreads.ts'

export interface VerifierPoolOptions {
  /** Told of each verifier that is not used any more, once. */
  onLost: (error: VerifierLostError) => void
  /** @default those of the platform */
  timers?: Clock
}

/**
 * Verifiers in other threads, which come and go; at first there are none. An answer goes to the one
 * with the most room.
 *
 * @example
 * const { port1, port2 } = new MessageChannel()
 * worker.postMessage({ type: 'verify', port: port2 }, [port2]) // where `serveVerifier` takes it
 * pool.add(2, port1)
 */
export class VerifierPool implements VerifierThreads {
  readonly #options: VerifierPoolOptions
  readonly #verifiers = new Map<number, VerifierPort>()

  constructor(options: VerifierPoolOptions) {
    this.#options = options
  }

  /** Takes a verifier; it is given answers once it says that it has loaded. */
  add(id: number, port: MessagePort): void {
    const { timers = systemClock } = this.#options
    const onLost = (reason: string) => this.lose(id, reason)
    this.#verifiers.set(id, new VerifierPort({ port, timers, onLost }))
  }

  /**
   * A verifier has died: what is in its hands comes back unproven. Does nothing where that is
   * known.
   */
  lose(id: number, reason: string): void {
    const verifier = this.#verifiers.get(id)
    if (verifier === undefined) return
    this.#verifiers.delete(id)
    verifier.close()
    this.#options.onLost(new VerifierLostError(id, reason))
  }

  get hasRoom(): boolean {
    return this.#idlest() !== undefined
  }

  accounts(
    answer: AnswerFrame<AccountRange>,
    claim: AccountsClaim,
  ): Promise<VerifiedAccounts | undefined> | undefined {
    return this.#idlest()?.accounts(answer, claim)
  }

  slots(
    answer: AnswerFrame<StorageRanges>,
    claim: SlotsClaim,
  ): Promise<VerifiedSlots | undefined> | undefined {
    return this.#idlest()?.slots(answer, claim)
  }

  /** Ends all of them, without a word. */
  close(): void {
    const verifiers = [...this.#verifiers.values()]
    this.#verifiers.clear()
    for (const verifier of verifiers) verifier.close()
  }

  #idlest(): VerifierPort | undefined {
    let found: VerifierPort | undefined
    for (const verifier of this.#verifiers.values()) {
      if (verifier.room > (found?.room ?? 0)) found = verifier
    }
    return found
  }
}

import { concatBytes } from '@noble/hashes/utils.js'
import type { Clock } from '../../../base/Clock.ts'
import { PendingCalls } from '../../../base/PendingCalls.ts'
import type {
  AccountsClaim,
  AnswerBytes,
  SlotsClaim,
  VerifiedAccounts,
  VerifiedSlots,
} from '../../../verifier/Verifier.ts'
import { readContracts } from '../../../verifier/wasm/readContracts.ts'
import type {
  PackedAccounts,
  VerifiedAnswer,
  VerifierMessage,
  VerifierQuestion,
} from './verifierMessages.ts'

/**
 * Answers that a verifier has at once: one that it proves, and two more, as the engine may be busy
 * for 10 ms with one that it proves and stores itself. With two in hand the engine had 184 ms of
 * work for 100,000 accounts, with three 165, with four 170; more would only wait there, while the
 * engine could prove them.
 */
const MAX_IN_HAND = 3

/**
 * An answer is verified in 3 ms, in JavaScript and on a slow phone within some seconds. A thread
 * that takes as long as this hangs, or is dead where there are no locks that would tell.
 */
const MAX_SILENCE_MS = 20_000

export interface VerifierPortOptions {
  port: MessagePort
  /** Called where it can prove no more; nothing is lost with it but its work. */
  onLost: (reason: string) => void
  timers: Clock
}

/** The engine's end of a port; in the thread at the other end runs `serveVerifier`. */
export class VerifierPort {
  readonly #options: VerifierPortOptions
  #ready = false
  #lastId = 0
  /** What waits for answers in its hands. */
  readonly #inHand = new PendingCalls<number, undefined, VerifiedAnswer | undefined>()
  #timer: unknown
  readonly #closed = new AbortController()

  constructor(options: VerifierPortOptions) {
    this.#options = options
    const { port, onLost } = options
    port.addEventListener('message', ({ data }: MessageEvent<VerifierMessage>) => {
      if (data.type === 'ready') this.#begin(data.lock)
      else if (data.type === 'failed') onLost(data.reason)
      else this.#settle(data.id, data.verified)
    })
    // In Node; Chromium does not tell it of a worker that was terminated.
    port.addEventListener('close', () => onLost('its thread has ended'))
    port.start()
  }

  /** How many answers it can be given; 0 until it has loaded. */
  get room(): number {
    return this.#ready ? MAX_IN_HAND - this.#inHand.size : 0
  }

  /** See `VerifierThreads`. */
  async accounts(
    { frame }: AnswerBytes,
    { root, origin, last }: AccountsClaim,
  ): Promise<VerifiedAccounts | undefined> {
    const verified = await this.#ask(frame, concatBytes(root, origin, last))
    const { accounts, contracts, ...rest } = (verified ?? {}) as PackedAccounts
    return verified && { ...rest, accounts, contracts: readContracts(contracts, accounts.keys) }
  }

  /** See `VerifierThreads`. */
  async slots(
    { frame }: AnswerBytes,
    { contracts, chunk }: SlotsClaim,
  ): Promise<VerifiedSlots | undefined> {
    const claim = new Uint8Array(64 * contracts.length)
    contracts.forEach(({ accountHash, storageRoot }, index) => {
      claim.set(accountHash, 64 * index)
      claim.set(storageRoot, 64 * index + 32)
    })
    const part = chunk && concatBytes(chunk.first, chunk.last)
    return (await this.#ask(frame, claim, part)) as VerifiedSlots | undefined
  }

  /** Gives it no more; what is in its hands comes back unproven. */
  close(): void {
    const { port, timers } = this.#options
    this.#ready = false
    this.#closed.abort()
    timers.clearTimeout(this.#timer)
    port.close()
    this.#inHand.resolveAll(undefined)
  }

  /** It has loaded. @param lock what it holds until its thread ends, however that comes about */
  #begin(lock: string | undefined): void {
    this.#ready = true
    if (lock === undefined) return
    const { signal } = this.#closed
    navigator.locks
      .request(lock, { signal }, () => this.#options.onLost('its thread has ended'))
      // It was closed before.
      .catch(() => {})
  }

  #ask(
    bytes: Uint8Array,
    claim: Uint8Array,
    chunk?: Uint8Array,
  ): Promise<VerifiedAnswer | undefined> {
    const id = ++this.#lastId
    const verified = this.#inHand.add(id, undefined)
    if (this.#inHand.size === 1) this.#watch()
    try {
      // A copy (0.1 ms for half a MiB), as a thread that dies takes what it was given with it.
      const frame = bytes.slice()
      const question: VerifierQuestion = { id, frame, claim, chunk }
      this.#options.port.postMessage(question, [frame.buffer, claim.buffer as ArrayBuffer])
    } catch (error) {
      this.#options.onLost(String(error))
    }
    return verified
  }

  #settle(id: number, verified: VerifiedAnswer | undefined): void {
    this.#inHand.resolve(id, verified)
    this.#watch()
  }

  /** Waits for the next of its answers. */
  #watch(): void {
    const { timers, onLost } = this.#options
    timers.clearTimeout(this.#timer)
    if (this.#inHand.size === 0) return
    // In two halves: when a machine wakes up, the time is over, and the answer not here yet.
    const wait = (then: () => void) => {
      this.#timer = timers.setTimeout(then, MAX_SILENCE_MS / 2)
    }
    wait(() => wait(() => onLost(`it has not answered for ${MAX_SILENCE_MS / 1000} s`)))
  }
}

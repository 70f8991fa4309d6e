import { type Clock, systemClock } from 'cambium/server'
import { TokenBucket } from './TokenBucket.ts'

export interface FairQueueOptions {
  /** Bytes of answers per second, of all and of one; `Infinity` for any. */
  bytesPerSecond: number
  bytesPerSecondEach: number
  /** Requests worked on at a time, of all and of one. */
  maxInWork: number
  maxInWorkEach: number
  /** Calls back when what has arrived meanwhile was looked at. @default setImmediate */
  nextTurn?: (callback: () => void) => void
  /** @default those of the platform */
  timers?: Clock
  /** Milliseconds of a clock that never goes back. @default performance.now */
  now?: () => number
}

/** One request that waits for its turn. */
export interface Turn {
  /** Who asks, and shares with all who ask under the same name. */
  who: string
  /** Bytes that the answer is expected to have. */
  bytes: number
  /** Gives the place up when it aborts. */
  signal: AbortSignal
}

/** What a request took: bytes of the answer, and milliseconds of this thread. */
export interface Work {
  bytes: number
  ms: number
}

interface Member {
  readonly waiting: Map<Turn, () => void>
  readonly bucket: TokenBucket
  /** What it was given, in bytes; who was given least is next. */
  given: number
  inWork: number
}

/**
 * What a request costs besides its answer, in bytes: reading, decoding and encrypting one takes 50
 * to 100 µs in every case, the time in which a core serves 4 KiB.
 */
const REQUEST_BYTES = 4 * 1024

/** What a core serves in a millisecond: what keeps it busy and answers little costs as much. */
const BYTES_PER_MS = 64 * 1024

/**
 * How long requests are worked on in one turn of the event loop, in milliseconds, and for how many
 * bytes of answers, before what has arrived meanwhile is looked at. With one request at a time,
 * other work of the loop would decide, with handshakes and bytes to decrypt, how many are answered
 * in a second. Many large answers would fill the next turns with sending them, in which those who
 * ask for little wait.
 */
const TURN_MS = 50
const TURN_BYTES = 2 ** 20

/** Those who have not asked for a while are forgotten when there are more. */
const MAX_MEMBERS = 1024

/**
 * The order in which requests are worked on. The client that was given least is next, however many
 * requests the others make at a time. A client that was given more than its rate waits.
 *
 * Start-time fair queueing: who comes back begins where the others are, so that nobody saves up for
 * later by being quiet. What one request took is known before the next is chosen, and after a while
 * others may arrive, and be first.
 *
 * @see https://doi.org/10.1145/248156.248171
 */
export class FairQueue {
  readonly #options: FairQueueOptions
  readonly #nextTurn: (callback: () => void) => void
  readonly #timers: Clock
  readonly #now: () => number
  readonly #all: TokenBucket
  readonly #members = new Map<string, Member>()
  /** Where the one stood whose request was begun last. */
  #given = 0
  #waiting = 0
  #inWork = 0
  #scheduled = false
  #timer: unknown

  constructor(options: FairQueueOptions) {
    this.#options = options
    this.#nextTurn = options.nextTurn ?? setImmediate
    this.#timers = options.timers ?? systemClock
    this.#now = options.now ?? (() => performance.now())
    this.#all = this.#bucket(options.bytesPerSecond)
  }

  /** Requests that have not been begun. */
  get waiting(): number {
    return this.#waiting
  }

  /** Requests that were begun and have no answer yet. */
  get inWork(): number {
    return this.#inWork
  }

  /**
   * Waits for a turn; not where the signal has aborted.
   * @returns resolves when the request may be worked on, to what tells that it was; idempotent
   */
  async take(turn: Turn): Promise<(work: Work) => void> {
    const { who, signal } = turn
    if (signal.aborted) return () => {}
    const member = this.#member(who)
    let begun = false
    await new Promise<void>((resolve) => {
      const leave = () => {
        signal.removeEventListener('abort', leave)
        member.waiting.delete(turn)
        this.#waiting--
        resolve()
      }
      signal.addEventListener('abort', leave)
      if (member.waiting.size === 0 && member.inWork === 0) {
        member.given = Math.max(member.given, this.#given)
      }
      this.#waiting++
      member.waiting.set(turn, () => {
        begun = true
        leave()
      })
      this.#schedule()
    })
    if (!begun) return () => {}
    let done = false
    return (work) => {
      if (done) return
      done = true
      this.#settle(member, turn, work)
    }
  }

  #settle(member: Member, turn: Turn, { bytes, ms }: Work): void {
    member.inWork--
    this.#inWork--
    member.given += bytes + ms * BYTES_PER_MS - turn.bytes
    member.bucket.take(bytes - turn.bytes)
    this.#all.take(bytes - turn.bytes)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting === 0) return
    this.#scheduled = true
    this.#nextTurn(() => void this.#work())
  }

  async #work(): Promise<void> {
    this.#timers.clearTimeout(this.#timer)
    this.#timer = undefined
    const end = this.#now() + TURN_MS
    let bytes = 0
    let begun = this.#begin()
    while (begun > 0) {
      bytes += begun
      if (bytes >= TURN_BYTES || this.#now() >= end) break
      // Until there is no more to do for the one that was begun.
      await new Promise<void>((resolve) => process.nextTick(resolve))
      begun = this.#begin()
    }
    this.#scheduled = false
    if (begun > 0) this.#schedule()
  }

  /**
   * Begins the request that is next.
   * @returns what it is expected to cost; 0 where none may be begun
   */
  #begin(): number {
    if (this.#waiting === 0 || this.#inWork >= this.#options.maxInWork) return 0
    let wait = this.#all.waitMs
    const onWait = (ms: number) => {
      wait = wait > 0 ? Math.min(wait, ms) : ms
    }
    const member = wait > 0 ? undefined : this.#next(onWait)
    if (member === undefined) {
      // If no rate limit is the cause, the next finished request reschedules the queue.
      if (wait > 0) this.#timer = this.#timers.setTimeout(() => this.#schedule(), wait)
      return 0
    }
    const [oldest] = member.waiting
    const [turn, begin] = oldest!
    this.#given = member.given
    const expected = REQUEST_BYTES + turn.bytes
    member.given += expected
    member.bucket.take(turn.bytes)
    this.#all.take(turn.bytes)
    member.inWork++
    this.#inWork++
    begin()
    return expected
  }

  /** @param onWait told how long those must wait who were given more than their rate */
  #next(onWait: (ms: number) => void): Member | undefined {
    let next: Member | undefined
    for (const member of this.#members.values()) {
      if (member.waiting.size === 0 || member.inWork >= this.#options.maxInWorkEach) continue
      const { waitMs } = member.bucket
      if (waitMs > 0) onWait(waitMs)
      else if (next === undefined || member.given < next.given) next = member
    }
    return next
  }

  #member(who: string): Member {
    let member = this.#members.get(who)
    if (member !== undefined) return member
    if (this.#members.size >= MAX_MEMBERS) this.#forget()
    const bucket = this.#bucket(this.#options.bytesPerSecondEach)
    member = { bucket, waiting: new Map(), given: this.#given, inWork: 0 }
    this.#members.set(who, member)
    return member
  }

  /** Clients that can be forgotten: they would begin anew at almost the same place. */
  #forget(): void {
    for (const [who, { waiting, inWork, bucket }] of this.#members) {
      if (waiting.size === 0 && inWork === 0 && bucket.full) this.#members.delete(who)
    }
  }

  #bucket(perSecond: number): TokenBucket {
    // 0 is no limit, as on the command line.
    return new TokenBucket({ perSecond: perSecond || Number.POSITIVE_INFINITY, now: this.#now })
  }
}

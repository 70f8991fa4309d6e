import type { VirtualTime } from '../VirtualTime.ts'

/** What a run was. Two runs of one seed have the same. */
export interface SimulationReport {
  seed: number
  /** A number made of all that happened, in its order. */
  course: number
  virtualMs: number
  events: number
  requests: number
  writes: number
  crashes: number
  syncs: number
  completions: number
  /** Lies that nobody could take for honest. */
  lies: number
}

/** Sees all that happens in a run: counts it, remembers the first thing that is wrong. */
export class Witness {
  readonly report: SimulationReport
  readonly #time: VirtualTime
  readonly #trace: (line: string) => void
  #happenings = 0
  #trigger: { at: number; act: () => void } | undefined
  #failure: { error: unknown } | undefined

  constructor(seed: number, time: VirtualTime, trace: (line: string) => void) {
    this.#time = time
    this.#trace = trace
    this.report = {
      ...{ seed, course: 0, virtualMs: 0, events: 0, requests: 0, writes: 0 },
      ...{ crashes: 0, syncs: 0, completions: 0, lies: 0 },
    }
  }

  note(what: string): void {
    const line = `${this.#time.now()} ${what}`
    let { course } = this.report
    for (let at = 0; at < line.length; at++) {
      course = Math.imul(course ^ line.charCodeAt(at), 0x01000193)
    }
    this.report.course = course
    this.report.virtualMs = this.#time.now()
    this.report.events = this.#time.happened
    this.#trace(line)
  }

  /** Notes something at which a run may be disturbed: a request, a write. */
  happen(what: string): void {
    this.note(what)
    this.#happenings++
    if (this.#trigger === undefined || this.#happenings < this.#trigger.at) return
    const { act } = this.#trigger
    this.#trigger = undefined
    act()
  }

  /**
   * Calls `act` within the happening that is so many ahead; in place of what else was to be called.
   */
  after(happenings: number, act: () => void): void {
    this.#trigger = { at: this.#happenings + happenings, act }
  }

  /** Something is wrong; the first counts. */
  fail(error: unknown): void {
    this.note(`failed: ${error}`)
    this.#failure ??= { error }
  }

  /** @throws what is wrong */
  check(): void {
    if (this.#failure) throw this.#failure.error
  }
}

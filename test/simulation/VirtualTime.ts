import type { Clock } from '../../src/base/Clock.ts'

interface VirtualEvent {
  readonly at: number
  /** Of two events at one time, the one that was made first comes first. */
  readonly order: number
  readonly happen: () => void
  cancelled: boolean
}

/** Clock of one process: gone when it is. */
export interface ProcessTimers extends Clock {
  /** How many are set. */
  readonly size: number
  /** The process has ended: none of them is called any more. */
  kill(): void
}

/**
 * Time that passes from event to event, as fast as the machine goes. Between two events all that is
 * possible without one happens: what is simulated waits for events and promises, never for the
 * platform's timers, so that one turn of the event loop is enough for any number of steps. So a run
 * has one course on every machine.
 */
export class VirtualTime {
  /** Ascending; some dozens. */
  readonly #events: VirtualEvent[] = []
  #now = 0
  #made = 0
  #happened = 0

  /** Milliseconds. */
  readonly now = (): number => this.#now

  /** How many events have happened. */
  get happened(): number {
    return this.#happened
  }

  /** Calls `happen` after `ms`. @returns calls it off */
  after(ms: number, happen: () => void): () => void {
    const event = { at: this.#now + ms, order: this.#made++, happen, cancelled: false }
    let place = this.#events.length
    while (place > 0 && this.#events[place - 1]!.at > event.at) place--
    this.#events.splice(place, 0, event)
    return () => {
      event.cancelled = true
    }
  }

  /** Resolves after `ms`. */
  pass(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve))
  }

  /**
   * Lets the next event happen, and all that follows from it at once. @returns whether there was
   * one
   */
  async step(): Promise<boolean> {
    const event = this.#events.shift()
    if (event === undefined) return false
    if (event.cancelled) return true
    this.#now = event.at
    this.#happened++
    event.happen()
    await this.settle()
    return true
  }

  /** Resolves when nothing can happen any more before the next event. */
  settle(): Promise<void> {
    return new Promise((resolve) => setImmediate(resolve))
  }

  processTimers(): ProcessTimers {
    const set = new Set<() => void>()
    let alive = true
    return {
      setTimeout: (callback, ms) => {
        if (!alive) return undefined
        const cancel = this.after(ms, () => {
          set.delete(cancel)
          callback()
        })
        set.add(cancel)
        return cancel
      },
      clearTimeout: (handle) => {
        const cancel = handle as (() => void) | undefined
        if (cancel !== undefined && set.delete(cancel)) cancel()
      },
      get size() {
        return set.size
      },
      kill() {
        alive = false
        for (const cancel of set) cancel()
        set.clear()
      },
    }
  }
}

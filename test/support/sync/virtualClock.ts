import { type VirtualTimers, virtualTimers } from '../snap/virtualTimers.ts'

/** Time that passes only when it is told to: what a `Syncer` needs of `now` and `timers`. */
export interface VirtualClock {
  now: () => number
  timers: VirtualTimers
  /** Lets `ms` pass. */
  advance(ms: number): void
}

export function virtualClock(): VirtualClock {
  const timers = virtualTimers()
  let time = 0
  return {
    now: () => time,
    timers,
    advance(ms) {
      time += ms
      timers.advance(ms)
    },
  }
}

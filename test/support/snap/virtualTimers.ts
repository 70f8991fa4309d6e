import type { Clock } from '../../../src/base/Clock.ts'

/** A clock that stands still until it is told to advance. */
export interface VirtualTimers extends Clock {
  /** Lets `ms` pass: calls what falls due. */
  advance(ms: number): void
  /** How many timers are set. */
  readonly size: number
}

export function virtualTimers(): VirtualTimers {
  const due = new Map<object, { at: number; callback: () => void }>()
  let now = 0
  return {
    setTimeout(callback, ms) {
      const handle = {}
      due.set(handle, { at: now + ms, callback })
      return handle
    },
    clearTimeout: (handle) => void due.delete(handle as object),
    advance(ms) {
      now += ms
      for (const [handle, { at, callback }] of due) {
        if (at > now) continue
        due.delete(handle)
        callback()
      }
    },
    get size() {
      return due.size
    },
  }
}

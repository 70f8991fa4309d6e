import { readdirSync, readFileSync } from 'node:fs'

/**
 * A browser that uses less than a twentieth of a core in so long, in ms, has done what it had put
 * off.
 */
const QUIET_MS = 200
/** Of a clock of 100 Hz: 10 ms. */
const QUIET_TICKS = 1
/** Nobody waits longer than this, in ms. */
const MOST_MS = 10_000

/**
 * Waits until the processes of a browser have nothing left to do, as a database writes and compacts
 * long after it has said that it is done: what one contender leaves behind must not be paid by the
 * next. Where there is no /proc, waits a second.
 *
 * @param {string} profile by which the browser's processes are known
 */
export async function settle(profile) {
  const pause = (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms))
  let before = ticks(profile)
  if (before === 0) return pause(1000)
  for (const start = performance.now(); performance.now() - start < MOST_MS; ) {
    await pause(QUIET_MS)
    const now = ticks(profile)
    if (now - before <= QUIET_TICKS) return
    before = now
  }
}

/** Processor time of all processes of a browser. */
function ticks(/** @type {string} */ profile) {
  let sum = 0
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(profile)) continue
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      const [user, system] = stat
        .slice(stat.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13)
      sum += Number(user) + Number(system)
    } catch {
      // It has ended meanwhile.
    }
  }
  return sum
}

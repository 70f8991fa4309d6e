import { readFileSync } from 'node:fs'

/** A unit of time in /proc: USER_HZ, which is 100 on every machine that Node runs on. */
const TICKS_PER_SECOND = 100

/**
 * How long a process has been computing, all its threads together, in seconds. Linux only.
 *
 * @param {number} pid
 */
export function cpuSeconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // Its name, in parentheses, may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [user, system] = [fields[11], fields[12]]
  return (Number(user) + Number(system)) / TICKS_PER_SECOND
}

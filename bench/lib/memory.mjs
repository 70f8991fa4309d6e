import { readdirSync, readFileSync } from 'node:fs'

/**
 * How often the memory is looked at, in ms: each look costs the kernel some milliseconds for a
 * large process.
 */
const EVERY_MS = 250

/**
 * Memory of the renderer processes of a browser, as Linux counts it: pages that several processes
 * share are divided among them (PSS).
 *
 * @param {string} profile by which the browser's processes are known
 * @returns {number | undefined} in MB; `undefined` where there is no such count
 */
export function rendererMegabytes(profile) {
  let kilobytes = 0
  let found = false
  for (const pid of processes()) {
    try {
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      if (!command.includes('--type=renderer') || !command.includes(profile)) continue
      const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0)
      found = true
    } catch {
      // It has ended meanwhile.
    }
  }
  return found ? kilobytes / 1024 : undefined
}

function processes() {
  try {
    return readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  } catch {
    return []
  }
}

/**
 * Watches that memory from now on.
 *
 * @param {string} profile
 * @returns {() => number | undefined} ends it; the most that it was, in MB
 */
export function watchMemory(profile) {
  let peak = rendererMegabytes(profile)
  const timer = setInterval(() => {
    peak = Math.max(peak ?? 0, rendererMegabytes(profile) ?? 0)
  }, EVERY_MS)
  return () => {
    clearInterval(timer)
    return peak
  }
}

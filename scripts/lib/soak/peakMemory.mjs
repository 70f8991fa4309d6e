import { readFileSync } from 'node:fs'

/**
 * The most memory that a process has had in RAM, its own and what it shares, in MB (10⁶ bytes).
 * Linux only.
 *
 * @param {number} pid
 */
export function peakMemory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/m.exec(status) ?? []
  if (kibibytes === undefined) throw new Error(`no VmHWM in /proc/${pid}/status`)
  return (Number(kibibytes) * 1024) / 1e6
}

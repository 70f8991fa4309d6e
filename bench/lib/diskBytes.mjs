import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @param {string} folder
 * @returns {number} bytes of all files below it
 */
export function diskBytes(folder) {
  let bytes = 0
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    try {
      const stat = statSync(join(folder, name))
      if (stat.isFile()) bytes += stat.size
    } catch {
      // Compacted away meanwhile.
    }
  }
  return bytes
}

import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import type { SnapHandler } from '../../../src/snap/server/serveSnap.ts'
import { stateHandler } from '../../../src/snap/server/stateHandler.ts'
import type { StateTruth } from '../sync/StateTruth.ts'

/** A peer that serves several states, and the codes of all of them. */
export function servedStates(...truths: readonly StateTruth[]): SnapHandler {
  const sources = truths.map(({ state }) => state.source)
  return stateHandler({
    state: (root) => {
      const at = truths.findIndex((truth) => compareBytes(truth.root, root) === 0)
      return sources[at]?.state(root)
    },
    code: (hash) => {
      for (const source of sources) {
        const code = source.code(hash)
        if (code !== undefined) return code
      }
      return undefined
    },
  })
}

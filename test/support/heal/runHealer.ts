import { memoryPipes } from '../../../src/pipes/memoryPipes.ts'
import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import { SnapClient } from '../../../src/snap/SnapClient.ts'
import { type SnapHandler, serveSnap } from '../../../src/snap/server/serveSnap.ts'
import type { StoreBatch } from '../../../src/store/StateStore.ts'
import type { Healer } from '../../../src/sync/heal/Healer.ts'
import type { HealNodesRequest } from '../../../src/sync/heal/HealNodesWork.ts'
import type { AnyWork } from '../../../src/sync/loop/Work.ts'
import { pathKey } from './SyncTruth.ts'

export interface HealRun {
  /** Items per request. @default the most */
  capacity?: number
  /** Several requests are in flight, their answers come in any order, and some never. */
  random?: SeededRandom
  /** Hears of the nodes that were taken in, by their `pathKey`. */
  onTaken?: (paths: string[]) => void
  /** Takes a batch that is to be written, at once or later; `false`: the run ends here. */
  write: (batch: StoreBatch) => Promise<boolean>
}

/** Connects to a peer that answers with `handler`. */
export function connect(handler: SnapHandler): SnapClient {
  const [near, far] = memoryPipes(['peer', 'client'])
  void serveSnap(far, handler)
  return new SnapClient(near)
}

/** Does what the run loop does with a healer, with one peer. Returns whether it came to its end. */
export async function runHealer(
  healer: Healer,
  handler: SnapHandler,
  { capacity = 2000, random, write, onTaken }: HealRun,
): Promise<boolean> {
  const client = connect(handler)
  const inFlight: { work: AnyWork; request: unknown }[] = []
  try {
    while (healer.pending > 0) {
      for (const work of healer.works) {
        const request = work.assign(capacity)
        if (request !== undefined) inFlight.push({ work, request })
      }
      if (inFlight.length === 0) throw new Error(`stuck with ${healer.pending} pending`)
      while (inFlight.length > (random?.below(4) ?? 0)) {
        const [{ work, request }] = inFlight.splice(random?.below(inFlight.length) ?? 0, 1) as [
          (typeof inFlight)[number],
        ]
        if (random?.below(6) === 0) {
          work.revert(request)
          continue
        }
        const batch = await work.accept(request, await work.send(client, request))
        if (work.kind === 'healNodes') onTaken?.(nodesOf(request))
        if (batch === undefined) throw new Error('the peer has nothing')
        if (Object.keys(batch).length > 0 && !(await write(batch))) return false
      }
    }
    const last = healer.rest()
    return last === undefined || (await write(last))
  } finally {
    client.close()
  }
}

const nodesOf = (request: unknown) =>
  (request as HealNodesRequest).nodes.map(({ path }) => pathKey(path))

import type { BlockHeader } from 'cambium/server'
import type { EthSession } from './EthSession.ts'

/** Headers of one request: more than come between two looks. */
const BATCH = 64

/**
 * Requests of one look: a node that always has more must not hold up the others; the next look
 * continues from there.
 */
const MAX_BATCHES = 32

/**
 * The newest block of a chain, found from one that was the newest, or may have been: forward where
 * it is still there, and backward, in steps that double, where the chain has become shorter.
 *
 * @param from number of a block, or its hash (32 bytes); `undefined` comes if no node has a block
 *   with that hash any more
 * @throws {RlpError} when what came is not what was asked for
 * @throws {Error} when nothing came in time, or the session has ended
 */
export async function newestHeader(
  eth: Pick<EthSession, 'headers'>,
  from: number | Uint8Array,
): Promise<BlockHeader | undefined> {
  let headers = await eth.headers({ from, most: BATCH })
  if (typeof from === 'number') {
    for (let step = 1, start = from; headers.length === 0 && start > 0; step *= 2) {
      start = Math.max(0, start - step)
      headers = await eth.headers({ from: start, most: BATCH })
    }
  }
  let newest = headers.at(-1)
  // A full answer has more behind it; what does not follow is another chain by now, and the next
  // look will find it.
  for (let batches = 1; newest !== undefined && headers.length === BATCH; batches++) {
    if (batches === MAX_BATCHES) break
    headers = await eth.headers({ from: newest.number + 1, most: BATCH })
    newest = headers.at(-1) ?? newest
  }
  return newest
}

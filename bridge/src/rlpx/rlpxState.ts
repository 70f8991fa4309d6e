import { type BlockHeader, backOff, compareBytes, sleep } from 'cambium/server'
import type { RelayedState } from '../BridgeState.ts'
import { HeadFeed } from '../peers/HeadFeed.ts'
import { createNodeKey } from './createNodeKey.ts'
import { NoUpstreamError } from './errors.ts'
import { NetworkChoice } from './NetworkChoice.ts'
import { parseEnodes } from './parseEnodes.ts'
import type { Upstream, UpstreamTimings } from './Upstream.ts'
import type { UpstreamEvent } from './UpstreamEvent.ts'
import { Upstreams } from './Upstreams.ts'

export interface RlpxStateOptions {
  onEvent?: (event: UpstreamEvent) => void
  /**
   * @default 10 s for all handshakes, 15 s for an answer, 1 s between two looks at the newest
   *   block, ban for 10 minutes
   */
  timings?: Partial<UpstreamTimings>
}

const DEFAULT_TIMINGS: UpstreamTimings = {
  handshakeMs: 10_000,
  requestMs: 15_000,
  pollMs: 1_000,
  exileMs: 600_000,
}

/**
 * The states of a chain, relayed from execution clients over RLPx: `eth` for the headers, `snap/1`
 * for what is under them. Which network it is, the clients tell; all must belong to the one of the
 * first that is reached.
 *
 * @param enodes addresses of execution clients, enode URLs with commas between them
 * @returns when one is connected; the others are tried again for as long as it runs
 * @throws {EnodeError} when an address is malformed
 * @throws {NoUpstreamError} when none can be connected
 *
 * @example
 * const state = await rlpxState('enode://6f8a…@127.0.0.1:30303')
 * const bridge = await createBridge({ state, identityDir })
 */
export async function rlpxState(
  enodes: string,
  { onEvent = () => {}, timings }: RlpxStateOptions = {},
): Promise<RelayedState> {
  const addresses = parseEnodes(enodes)
  // Here and not at import: a bridge that holds its state needs nothing of devp2p.
  const { Upstream } = await import('./Upstream.ts')
  const ended = new AbortController()
  const choice = new NetworkChoice()
  const key = createNodeKey()
  let heads: HeadFeed | undefined
  // Where none can be reached, the error says so; that they are tried again would be false.
  const held: UpstreamEvent[] = []
  let tell = (event: UpstreamEvent): void => void held.push(event)
  const onChange = () => {
    const head = newest(upstreams, heads?.head)
    if (head === undefined) return
    if (heads === undefined) heads = new HeadFeed(head)
    else if (compareBytes(head.hash, heads.head.hash) !== 0) heads.announce(head)
  }
  const upstreams: Upstream[] = addresses.map(
    (enode) =>
      new Upstream({
        ...{ enode, key, signal: ended.signal, onChange },
        onEvent: (event) => tell(event),
        timings: { ...DEFAULT_TIMINGS, ...timings },
        delay: backOff(),
        wait: sleep,
        accept: (status, genesis, name) => choice.accept(status, genesis, name),
      }),
  )
  const running = upstreams.map((upstream) => upstream.run())
  const stop = async () => {
    ended.abort()
    await Promise.all(running)
  }
  try {
    await firstConnected(upstreams)
  } catch (error) {
    await stop()
    throw error
  }
  tell = onEvent
  for (const event of held) tell(event)
  return { relay: new Upstreams(upstreams, stop), network: choice.network!, heads: heads! }
}

/** @throws {NoUpstreamError} when none can be connected */
async function firstConnected(upstreams: readonly Upstream[]): Promise<void> {
  const first = upstreams.map(async (upstream) => {
    const error = await upstream.first
    if (error !== undefined) throw error
  })
  await Promise.any(first).catch(({ errors }: AggregateError) => {
    throw new NoUpstreamError(errors)
  })
}

/**
 * Of several at the same height, the one that was told already: the others may be on a branch that
 * is about to go.
 */
function newest(
  upstreams: readonly Upstream[],
  told: BlockHeader | undefined,
): BlockHeader | undefined {
  let best: BlockHeader | undefined
  for (const { head } of upstreams) {
    if (head === undefined) continue
    const isTold = told !== undefined && compareBytes(head.hash, told.hash) === 0
    if (best === undefined || head.number > best.number) best = head
    else if (head.number === best.number && isTold) best = head
  }
  return best
}

import { accountEntries, ChangingState, fromHex } from 'cambium/server'
import { type BlocksOptions, checkBlocks } from './BlocksOptions.ts'
import type { HeldState } from './BridgeState.ts'
import { HeadFeed } from './peers/HeadFeed.ts'

/** A state that changes by blocks, once they are started. */
export interface SeededBlocks {
  state: HeldState
  start(): void
  stop(): void
}

/**
 * Puts a stream of made-up blocks over a state, for demos and tests: serves the 128 newest states,
 * as an execution client does. Builds the state's tries once more.
 *
 * @throws {BlocksError} when the time or the seed makes no sense
 * @throws {UnknownRootError} when the state's source does not have the state of its network
 */
export function seededBlocks(state: HeldState, options: BlocksOptions): SeededBlocks {
  checkBlocks(options)
  const { seconds, seed = 1, changes } = options
  // Above some 0.16 % a page downloads instead of healing: four such blocks stay below it.
  const most = Math.ceil(state.accounts / 4000)
  const root = fromHex(state.network.stateRoot, 'state root', 32)
  const changing = new ChangingState(accountEntries(state.source, root), {
    seed,
    changes: { accounts: [Math.ceil(most / 2), most], ...changes },
  })
  const heads = new HeadFeed(changing.head)
  let timer: ReturnType<typeof setInterval> | undefined
  return {
    state: { ...state, source: changing.source, heads },
    start() {
      timer = setInterval(() => heads.announce(changing.advance()), seconds * 1000)
    },
    stop() {
      clearInterval(timer)
    },
  }
}

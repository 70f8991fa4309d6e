import type { CambiumError } from '../../base/CambiumError.ts'
import type { Block } from '../../chain/Block.ts'
import { HeaderLog } from '../../sync/follow/HeaderLog.ts'
import { createVerifier } from '../../verifier/createVerifier.ts'
import type { Verifier } from '../../verifier/Verifier.ts'
import type { Completed, EngineOptions } from '../protocol.ts'
import { CommitChannel } from '../tabs/CommitChannel.ts'
import { StateLock } from '../tabs/StateLock.ts'
import { CompletedState } from './CompletedState.ts'
import { StoreSlot } from './StoreSlot.ts'
import { storePlace } from './storePlace.ts'

/** All that an engine holds of one state. */
export interface Opened {
  options: EngineOptions
  verifier: Verifier
  lock: StateLock
  channel: CommitChannel
  state: CompletedState
  headers: HeaderLog
  store: StoreSlot
}

export interface OpenStateEvents {
  /** Something is missing or was lost that a sync can do without. */
  onFault: (error: Pick<CambiumError, 'code' | 'message'>) => void
  /** Another state answers, or none. */
  onChange: (completed: Completed | undefined) => void
  /** Another tab has completed a block, or taken its state away. */
  onCommit: (block: Block | undefined) => void
}

/** Opens verifier, store and channels of one state. */
export async function openState(
  options: EngineOptions,
  { onFault, onChange, onCommit }: OpenStateEvents,
): Promise<Opened> {
  const { root } = options
  const verifier = await createVerifier({
    ...(options.verifier === undefined ? {} : { build: options.verifier }),
    onBlocked: onFault,
  })
  const onMissing = (missing: string) => {
    onFault({ code: 'PLATFORM', message: `this page has no ${missing}` })
  }
  const { sharedName, open } = storePlace(options, verifier, onFault)
  const store = new StoreSlot(open)
  await store.get()
  return {
    options,
    verifier,
    lock: new StateLock(sharedName, onMissing),
    channel: new CommitChannel(sharedName, onCommit, onMissing),
    state: new CompletedState({ root, verifier, store: () => store.get(), onChange }),
    headers: new HeaderLog(options.maxPivotAge + options.pivotDistance),
    store,
  }
}

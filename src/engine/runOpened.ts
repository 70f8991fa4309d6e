import type { Block } from '../chain/Block.ts'
import type { Opened } from './state/openState.ts'
import { type SyncRunOptions, syncRun } from './syncRun.ts'

/** Runs a sync of an opened state, and keeps readers and other tabs up to date. See `syncRun`. */
export async function runOpened(
  { options, verifier, state, store, headers, channel }: Opened,
  signal: AbortSignal,
  run: Omit<SyncRunOptions, 'store' | 'verifier' | 'target' | 'onCleared'>,
): Promise<void> {
  const { root, pivotDistance, maxPivotAge } = options
  const onCommit = (block: Block) => {
    state.commit(block)
    run.emit('commit', block)
    channel.tell(block)
  }
  const onCleared = () => {
    state.forget()
    channel.tell(undefined)
  }
  const completed = () => state.current?.block
  const follow = { headers, pivotDistance, maxPivotAge, completed, onCommit }
  await state.look()
  const where = { store: await store.get(), verifier, target: root ?? follow }
  await syncRun({ ...run, ...where, onCleared }, signal)
  await state.look()
  if (root !== undefined) channel.tell(undefined)
}

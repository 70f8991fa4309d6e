import type { Header } from '../../../src/chain/Header.ts'
import type { StateStore } from '../../../src/store/StateStore.ts'
import type { RootSyncer } from '../../../src/sync/follow/RootSyncer.ts'

/** Tells a syncer which root comes next. */
export interface SyncDriver {
  /** Goes to a root, even while another is synced. One that follows headers chooses by itself. */
  moveTo(root: Uint8Array): void
  /** Tells of new headers, ascending. */
  tell(headers: readonly Header[]): void
  /** Nothing more is told; resolves with the last root when its state is complete. */
  end(): Promise<Uint8Array>
}

export interface DriverOptions {
  syncer: RootSyncer
  store: StateStore
  /** What is waited for before a sync that the disk ended begins again. */
  pause: () => Promise<void>
}

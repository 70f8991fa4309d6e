import type { Hex } from './bytes/hex.ts'
import type { PeerSource } from './sync/PeerSource.ts'
import type { VerifierBuild } from './wasm/Verifier.ts'

/** What `createStateSync` needs to know. */
export interface StateSyncOptions {
  /**
   * Which chain the state belongs to; together they name the database, so that no two chains share one.
   * `genesisHash` is the 32-byte hash of the genesis block.
   */
  chain: { id: number; genesisHash: Hex }
  /**
   * The state root that the wallet trusts, 32 bytes. Required, without a default: everything that is stored or answered
   * is proven against it. A database holds one state: `start` removes what another root left in it (fault
   * `ROOT_CHANGED`).
   */
  trust: Hex
  /** Where peers come from. Without it the stored state can be read and audited, and `start` rejects. */
  peers?: PeerSource
  store?: {
    /** First part of the database's name. @default 'cambium' */
    name?: string
    /** Keep the state on disk (`'indexeddb'`), or only while the page lives (`'memory'`). @default 'indexeddb' */
    kind?: 'indexeddb' | 'memory'
  }
  /**
   * Runs the engine off the main thread: a dedicated worker that calls `run` of `cambium/worker`, a function that makes
   * one, or a port to one. `close` ends a worker that was made by the function; one worker or port holds one state. Without
   * it the engine runs in this thread.
   */
  worker?: Worker | MessagePort | (() => Worker)
  /** Asks for one implementation of the verifier; JavaScript stands in where it cannot run. @default the fastest that can */
  verifier?: VerifierBuild
}

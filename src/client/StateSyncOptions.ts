import type { Hex } from '../base/bytes/hex.ts'
import type { TrustedHeader } from '../chain/TrustedHeader.ts'
import type { PeerSource } from '../pipes/PeerSource.ts'
import type { VerifierBuild } from '../verifier/Verifier.ts'

/** What `createStateSync` needs to know. */
export interface StateSyncOptions {
  /**
   * Which chain the state belongs to; together they name the database, so that no two chains share
   * one. `genesisHash` is the 32-byte hash of the genesis block.
   */
  chain: { id: number; genesisHash: Hex }
  /**
   * What the wallet trusts; required, without a default: everything that is stored or answered is
   * proven against it.
   *
   * - A state root, 32 bytes: the state under it is synced, and nothing else answers.
   * - A stream of block headers: the state follows the chain at a distance, see `pivotDistance`,
   *   and the last one that is complete answers at any time, while the next one is fetched too. The
   *   stream is read once, from the first `start` to `close`; a header that is not above the one
   *   before replaces what was told from its number on, as a reorg does.
   *
   * A malformed value is a `TrustError`; no other one ever takes its place. A database that holds
   * the complete state of another root is healed to the trusted one: only what differs is fetched.
   */
  trust: Hex | AsyncIterable<TrustedHeader>
  /**
   * With a stream of headers: blocks between the head and the block whose state is synced, the
   * pivot. Deep enough that few reorgs reach it, and half of the 128 states that peers serve.
   * @default 64
   */
  pivotDistance?: number
  /**
   * With a stream of headers: blocks that the head may be past a pivot whose state is not complete;
   * then the pivot moves. More than `pivotDistance`. Peers stop to serve a state at 128. @default
   * 120
   */
  maxPivotAge?: number
  /**
   * Where peers come from. Without it the stored state can be read and audited, and `start`
   * rejects.
   */
  peers?: PeerSource
  store?: {
    /** First part of the database's name. @default 'cambium' */
    name?: string
    /**
     * Keep the state on disk (`'indexeddb'`), or only while the page lives (`'memory'`). @default
     * 'indexeddb'
     */
    kind?: 'indexeddb' | 'memory'
  }
  /**
   * Runs the engine off the main thread: a dedicated worker that calls `run` of `cambium/worker`, a
   * function that makes one, or a port to one. `close` ends a worker that was made by the function;
   * one worker or port holds one state. Without it the engine runs in this thread.
   */
  worker?: Worker | MessagePort | (() => Worker)
  /**
   * How many workers prove what is downloaded, 1 to 8; more than 1 needs `worker` to be a function,
   * which is called so many times. The first is the engine, which schedules, stores and answers;
   * the others prove for it, which takes up to a quarter of its work off it. That pays where
   * several bridges, on a machine with idle cores, deliver more than one thread can take in, some
   * 400,000 accounts a second; else the network is the limit. One that cannot be loaded or dies is
   * told by a fault `VERIFIER_LOST`, and its work is done by the rest. @default 1
   */
  verifiers?: number
  /**
   * Asks for one implementation of the verifier; JavaScript stands in where it cannot run. @default
   * the fastest that can
   */
  verifier?: VerifierBuild
}

import type { NodeRequest } from '../SyncRequest.ts'
import { leafKeys } from './leafKeys.ts'
import { operationSize } from './operationSize.ts'
import type { SyncOperation } from './SyncOperation.ts'

/** Operations in the order to apply them, until they are given out. */
export class OperationBatch {
  #operations: SyncOperation[] = []
  #size = 0

  /** Bytes of contents, paths and hashes. */
  get size(): number {
    return this.#size
  }

  push(operation: SyncOperation): void {
    this.#operations.push(operation)
    this.#size += operationSize(operation)
  }

  /**
   * The steps that a node brings once everything below it has come: what is not in it goes, then
   * its leaves come.
   */
  pushNode({ path, hash, encoded, frontier, emptied }: NodeRequest): void {
    for (const path of emptied) this.push({ kind: 'clear', path, keep: [] })
    this.push({ kind: 'clear', path, keep: frontier.map((item) => item.path) })
    for (const item of frontier) {
      if (!('value' in item)) continue
      this.push({ kind: 'leaf', path: item.path, keys: leafKeys(item.path), value: item.value })
    }
    this.push({ kind: 'node', path, hash, encoded: encoded! })
  }

  /** Gives out the operations that have come up since the last time. */
  take(): SyncOperation[] {
    const operations = this.#operations
    this.#operations = []
    this.#size = 0
    return operations
  }
}

import { bytesToHex } from '@noble/hashes/utils.js'
import type { SyncOperation } from '../../../src/sync/heal/scheduler/operations/SyncOperation.ts'
import type { TrieSyncStore } from '../../../src/sync/heal/scheduler/TrieSyncStore.ts'
import type { NibblePath } from '../../../src/trie/nibbles.ts'
import type { SyncTruth } from './SyncTruth.ts'

/** A store that a `TrieSync` heals in a test. */
export abstract class SyncTestStore implements TrieSyncStore {
  /** By hash in hexadecimal. */
  readonly codes = new Map<string, Uint8Array>()

  abstract hasNode(path: NibblePath, hash: Uint8Array): Promise<boolean>

  async hasCode(hash: Uint8Array): Promise<boolean> {
    return this.codes.has(bytesToHex(hash))
  }

  /** Applies operations in their order. */
  apply(operations: readonly SyncOperation[]): void {
    for (const operation of operations) {
      if (operation.kind === 'code') this.codes.set(bytesToHex(operation.hash), operation.code)
      else this.applyOne(operation)
    }
  }

  protected abstract applyOne(operation: Exclude<SyncOperation, { kind: 'code' }>): void

  /**
   * What the store lacks of a state, and what it has beside it, as far as it keeps the store from
   * being equal to it.
   */
  abstract differences(truth: SyncTruth): string[]

  /** The codes of a state that the store lacks. */
  protected missingCodes(truth: SyncTruth): string[] {
    return [...truth.codes.keys()].filter((hash) => !this.codes.has(hash)).map((h) => `code ${h}`)
  }
}

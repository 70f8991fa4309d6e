import { bytesToHex } from '@noble/hashes/utils.js'
import type { SyncOperation } from '../../../src/sync/heal/scheduler/operations/SyncOperation.ts'
import type { NibblePath } from '../../../src/trie/nibbles.ts'
import { SyncTestStore } from './SyncTestStore.ts'
import type { SyncTruth } from './SyncTruth.ts'

/** Keeps nodes by hash, for ever. */
export class HashNodeStore extends SyncTestStore {
  readonly nodes = new Set<string>()

  async hasNode(_: NibblePath, hash: Uint8Array): Promise<boolean> {
    return this.nodes.has(bytesToHex(hash))
  }

  protected applyOne(operation: Exclude<SyncOperation, { kind: 'code' }>): void {
    if (operation.kind === 'node') this.nodes.add(bytesToHex(operation.hash))
  }

  differences(truth: SyncTruth): string[] {
    const missing = [...truth.nodes]
      .filter(([, { hash }]) => !this.nodes.has(bytesToHex(hash)))
      .map(([path]) => `missing ${path}`)
    return [...missing, ...this.missingCodes(truth)]
  }
}

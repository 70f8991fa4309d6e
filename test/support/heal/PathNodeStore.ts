import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import type { SyncOperation } from '../../../src/sync/heal/scheduler/operations/SyncOperation.ts'
import type { NibblePath } from '../../../src/trie/nibbles.ts'
import { END, PathTable } from './PathTable.ts'
import { SyncTestStore } from './SyncTestStore.ts'
import { pathKey, type SyncTruth } from './SyncTruth.ts'
import { wasmKeccak } from './wasmKeccak.ts'

/** Keeps nodes by path. */
export class PathNodeStore extends SyncTestStore {
  readonly nodes = new PathTable<Uint8Array>()

  async hasNode(path: NibblePath, hash: Uint8Array): Promise<boolean> {
    const encoded = this.nodes.values.get(pathKey(path))
    return encoded !== undefined && compareBytes(wasmKeccak(encoded), hash) === 0
  }

  protected applyOne(operation: Exclude<SyncOperation, { kind: 'code' }>): void {
    const path = pathKey(operation.path)
    if (operation.kind === 'node') this.nodes.put(path, operation.encoded)
    // At an account's path stands the root of its storage, at another leaf's at most an old node of
    // that leaf alone.
    if (operation.kind === 'leaf' && operation.keys.length !== 1) this.nodes.remove(path)
    if (operation.kind === 'open') {
      for (let end = operation.above + 1; end <= path.length; end++) {
        this.nodes.remove(path.slice(0, end))
      }
    }
    if (operation.kind === 'clear') {
      const keep = operation.keep.map(pathKey)
      for (const node of this.nodes.between(path, path + END)) {
        if (!keep.some((kept) => node.startsWith(kept))) {
          this.nodes.remove(node)
        }
      }
    }
  }

  differences(truth: SyncTruth): string[] {
    const missing = [...truth.nodes]
      .filter(([path, { encoded }]) => {
        const stored = this.nodes.values.get(path)
        return stored === undefined || compareBytes(stored, encoded) !== 0
      })
      .map(([path]) => `missing ${path}`)
    const strange = [...this.nodes.values.keys()]
      .filter((path) => !truth.nodes.has(path))
      .map((path) => `strange ${path}`)
    return [...missing, ...strange, ...this.missingCodes(truth)]
  }
}

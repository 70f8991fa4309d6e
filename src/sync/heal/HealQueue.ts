import type { MissingNodes } from './scheduler/MissingNodes.ts'
import type { TrieSync } from './scheduler/TrieSync.ts'

export type MissingNode = MissingNodes['nodes'][number]

/**
 * Nodes and codes that may wait here: the largest request of each kind. What is still in the
 * scheduler keeps its order.
 */
const MAX_WAITING = 1024 + 84

/** What the scheduler gave out and no peer has in work (geth's `trieTasks` and `codeTasks`). */
export class HealQueue {
  readonly #sync: Pick<TrieSync, 'missing'>
  #nodes: MissingNode[] = []
  #codes: Uint8Array[] = []

  constructor(sync: Pick<TrieSync, 'missing'>) {
    this.#sync = sync
  }

  takeNodes(most: number): MissingNode[] {
    this.#refill()
    return this.#nodes.splice(0, most)
  }

  takeCodes(most: number): Uint8Array[] {
    this.#refill()
    return this.#codes.splice(0, most)
  }

  /** Gives nodes back, to be the next: they have waited longest. */
  returnNodes(nodes: readonly MissingNode[]): void {
    this.#nodes = [...nodes, ...this.#nodes]
  }

  returnCodes(hashes: readonly Uint8Array[]): void {
    this.#codes = [...hashes, ...this.#codes]
  }

  #refill(): void {
    const free = MAX_WAITING - this.#nodes.length - this.#codes.length
    if (free <= 0) return
    const { nodes, codes } = this.#sync.missing(free)
    this.#nodes.push(...nodes)
    this.#codes.push(...codes)
  }
}

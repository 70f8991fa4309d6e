import type { Block, HealedCounts, Progress } from 'cambium'

/** What was done for one pivot. */
export interface Round {
  /** The block whose state was synced. */
  block: Block
  /**
   * `left`: the chain was too far ahead, or a reorg took the block away, before its state was
   * complete.
   */
  outcome: 'running' | 'proven' | 'left'
  /** What healing brought for it. */
  nodes: number
  accounts: number
  slots: number
}

/** As many as the page has room for. */
const LIMIT = 48

const NOTHING: Pick<HealedCounts, 'nodes' | 'accounts' | 'slots'> = {
  nodes: 0,
  accounts: 0,
  slots: 0,
}

/** The last pivots of a run, in the order in which they were synced. */
export class PivotHistory {
  readonly all: Round[] = []
  /** Of all pivots, also of those that are not kept. */
  proven = 0
  left = 0
  /** Counts of the run when the running round began, and now. */
  #before = NOTHING
  #now = NOTHING

  /**
   * The run has ended: a round that was not proven in it becomes the first of the next run, which
   * counts from nothing.
   */
  stop(): void {
    if (this.running !== undefined) this.all.pop()
    this.#now = NOTHING
  }

  begin(block: Block): void {
    const { running } = this
    if (running !== undefined && running.block.stateRoot === block.stateRoot) {
      // A block without changes: what was fetched for the one before is right for it, too.
      running.block = block
      return
    }
    this.#end('left')
    this.#before = this.#now
    this.all.push({ block, outcome: 'running', ...NOTHING })
    if (this.all.length > LIMIT) this.all.shift()
  }

  update({ thisRun: { healed } }: Progress): void {
    this.#now = healed
    const { running } = this
    if (running === undefined) return
    for (const kind of ['nodes', 'accounts', 'slots'] as const) {
      running[kind] = healed[kind] - this.#before[kind]
    }
  }

  /** @returns the round that ended with it */
  prove(): Round | undefined {
    return this.#end('proven')
  }

  get running(): Round | undefined {
    const last = this.all.at(-1)
    return last?.outcome === 'running' ? last : undefined
  }

  #end(outcome: 'proven' | 'left'): Round | undefined {
    const { running } = this
    if (running === undefined) return undefined
    running.outcome = outcome
    this[outcome]++
    return running
  }
}

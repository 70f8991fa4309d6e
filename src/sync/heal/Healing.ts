import type { StoreBatch } from '../../store/StateStore.ts'
import type { SyncPhase } from '../loop/RunLoop.ts'
import type { AnyWork } from '../loop/Work.ts'
import type { Healer } from './Healer.ts'

/** The phase that makes what is stored equal to the state under the root; `rest` is geth's `commitHealer(force)`. */
export class Healing implements SyncPhase {
  readonly works: readonly AnyWork[]
  readonly #healer: Healer
  #flushed = false

  constructor(healer: Healer) {
    this.#healer = healer
    this.works = healer.works
  }

  get done(): boolean {
    return this.#healer.pending === 0
  }

  get hasLocal(): boolean {
    return this.done && !this.#flushed
  }

  async local(): Promise<StoreBatch> {
    this.#flushed = true
    return this.rest() ?? {}
  }

  rest(): StoreBatch | undefined {
    return this.#healer.flush()
  }
}

import type { Block } from '../../chain/Block.ts'

/** Tells the tabs that share a database when one of them has completed a state. */
export class CommitChannel {
  #channel: BroadcastChannel | undefined
  readonly #onMissing: (missing: string) => void

  /**
   * @param name of the database; `undefined` for a state that nobody else can reach
   * @param onCommit another tab has completed a state: of this block, where it is known
   * @param onMissing told once when the platform refuses the channel
   */
  constructor(
    name: string | undefined,
    onCommit: (block: Block | undefined) => void,
    onMissing: (missing: string) => void,
  ) {
    this.#onMissing = onMissing
    if (name === undefined) return
    this.#try(() => {
      this.#channel = new BroadcastChannel(`cambium commits of ${name}`)
      this.#channel.onmessage = ({ data }) => onCommit(data.block)
    })
  }

  tell(block: Block | undefined): void {
    this.#try(() => this.#channel?.postMessage({ block }))
  }

  #try(use: () => void): void {
    try {
      use()
    } catch (error) {
      this.#channel = undefined
      this.#onMissing(`BroadcastChannel (${error}); other tabs find a new state at their next read`)
    }
  }

  close(): void {
    this.#channel?.close()
  }
}

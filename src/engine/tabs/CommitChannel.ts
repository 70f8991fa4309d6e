import type { Block } from '../../chain/Block.ts'

/** Tells the tabs that share a database when one of them has completed a state. */
export class CommitChannel {
  readonly #channel: BroadcastChannel | undefined

  /**
   * @param name of the database; `undefined` for a state that nobody else can reach
   * @param onCommit another tab has completed a state: of this block, where it is known
   */
  constructor(name: string | undefined, onCommit: (block: Block | undefined) => void) {
    if (name === undefined || globalThis.BroadcastChannel === undefined) return
    this.#channel = new BroadcastChannel(`cambium commits of ${name}`)
    this.#channel.onmessage = ({ data }) => onCommit(data.block)
  }

  tell(block: Block | undefined): void {
    this.#channel?.postMessage({ block })
  }

  close(): void {
    this.#channel?.close()
  }
}

import type { BlockHeader } from 'cambium/server'

type Listener = (head: BlockHeader) => void

/** The newest block of the chain whose states a bridge serves, and those that come after it. */
export class HeadFeed {
  #head: BlockHeader
  readonly #listeners = new Set<Listener>()

  constructor(head: BlockHeader) {
    this.#head = head
  }

  get head(): BlockHeader {
    return this.#head
  }

  /** There is a newer block, or after a reorg another one; its state is served already. */
  announce(head: BlockHeader): void {
    this.#head = head
    for (const listener of this.#listeners) listener(head)
  }

  /**
   * Tells the newest block at once, and each that comes.
   * @returns ends it
   */
  subscribe(listener: Listener): () => void {
    // A set would hold a function that subscribes twice once.
    const own: Listener = (head) => listener(head)
    this.#listeners.add(own)
    own(this.#head)
    return () => this.#listeners.delete(own)
  }
}

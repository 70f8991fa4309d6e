import type { BitPrefix } from '../../base/bytes/BitPrefix.ts'

/** How many changes are kept at least: those of hundreds of commits, in half a megabyte. */
const KEPT = 4096

/** That anything may have changed. */
const EVERYTHING: BitPrefix = { bytes: /* @__PURE__ */ new Uint8Array(), bits: 0 }

/** Where the leaves of a table changed, for those who keep something that they made of them. */
export class ChangeLog {
  #changes: BitPrefix[] = []
  /** Changes that are not kept any more. */
  #dropped = 0

  /** Moves with every change. */
  get version(): number {
    return this.#dropped + this.#changes.length
  }

  add(prefixes: readonly BitPrefix[]): void {
    for (const prefix of prefixes) this.#changes.push(prefix)
    const surplus = this.#changes.length - KEPT
    if (surplus < KEPT) return
    this.#changes = this.#changes.slice(surplus)
    this.#dropped += surplus
  }

  addEverything(): void {
    this.add([EVERYTHING])
  }

  /** The changes since the log had a version; everything where that was too long ago. */
  since(version: number): readonly BitPrefix[] {
    if (version < this.#dropped) return [EVERYTHING]
    return this.#changes.slice(version - this.#dropped)
  }
}

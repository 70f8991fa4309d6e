import type { NibblePath } from '../nibbles.ts'
import type { PagesBelow } from './LeafPages.ts'
import type { Subtrie } from './Subtrie.ts'

/** Bytes of a reference: a hash with its header, or an embedded node, which is shorter. */
const REFERENCE_SIZE = 33

/**
 * What is known of the sixteen stretches of the key space below one nibble path that several pages
 * share.
 *
 * There is one for every few pages. Sixteen subtries would take 300 bytes each as objects; packed,
 * those that stand right below the path, as nearly all do, take 33.
 */
export class SkeletonNode {
  #below: readonly PagesBelow[] | undefined
  /** The forks one nibble below, where several pages share a stretch. */
  #forks: (SkeletonNode | undefined)[] = NO_FORKS
  /** One bit per stretch whose subtrie is known. */
  #known = 0
  /** The references of branches that stand right below; of other stretches, zeros. */
  #references: Uint8Array | undefined
  /** The subtries that are leaves, or branches that stand deeper. */
  #others: Map<number, Subtrie> | undefined

  /** Which pages hold the stretches; `undefined`: not known. */
  get below(): readonly PagesBelow[] | undefined {
    return this.#below
  }

  set below(below: readonly PagesBelow[] | undefined) {
    this.#below = below
    // A node that is not needed any more would hide that several pages share its stretch again.
    for (let nibble = 0; nibble < 16; nibble++) {
      const isNeeded = below === undefined || below[nibble] === 'several'
      if (!isNeeded && this.#forks[nibble]) this.#forks[nibble] = undefined
    }
  }

  /** The node below a nibble, where one was made. */
  nodeAt(nibble: number): SkeletonNode | undefined {
    return this.#forks[nibble]
  }

  /** The node below a nibble; made if it does not exist. */
  openNode(nibble: number): SkeletonNode {
    if (this.#forks === NO_FORKS) this.#forks = new Array(16).fill(undefined)
    this.#forks[nibble] ??= new SkeletonNode()
    return this.#forks[nibble]
  }

  isKnown(nibble: number): boolean {
    return (this.#known & (1 << nibble)) !== 0
  }

  /** The subtrie of one stretch, where it is known. `path`: that of the stretch. */
  get(nibble: number, path: NibblePath): Subtrie | undefined {
    const other = this.#others?.get(nibble)
    if (other) return other
    const start = nibble * REFERENCE_SIZE
    const header = this.#references?.[start] ?? 0
    if (header === 0) return undefined
    // Either the header of a hash, or of a list that is an embedded node.
    const size = header === 0xa0 ? REFERENCE_SIZE : header - 0xc0 + 1
    return {
      kind: 'branch',
      path: path.slice(),
      reference: this.#references!.slice(start, start + size),
    }
  }

  /** Keeps a copy of the subtrie of one stretch. `depth`: the length of the stretch's path. */
  set(nibble: number, subtrie: Subtrie | undefined, depth: number): void {
    this.forget(nibble)
    this.#known |= 1 << nibble
    if (subtrie?.kind === 'branch' && subtrie.path.length === depth) {
      this.#references ??= new Uint8Array(16 * REFERENCE_SIZE)
      this.#references.set(subtrie.reference, nibble * REFERENCE_SIZE)
    } else if (subtrie) {
      this.#others ??= new Map()
      this.#others.set(nibble, copied(subtrie))
    }
  }

  /** Drops the subtrie of one stretch, and keeps what is known of its parts. */
  forget(nibble: number): void {
    this.#known &= ~(1 << nibble)
    this.#references?.fill(0, nibble * REFERENCE_SIZE, (nibble + 1) * REFERENCE_SIZE)
    this.#others?.delete(nibble)
  }

  /** Drops all that is known of one stretch. */
  drop(nibble: number): void {
    this.forget(nibble)
    if (this.#forks[nibble]) this.#forks[nibble] = undefined
  }
}

/** The forks of those that have none, which are most. */
const NO_FORKS: (SkeletonNode | undefined)[] = []

/** The same without the page that it looks into. */
function copied(subtrie: Subtrie): Subtrie {
  const path = subtrie.path.slice()
  if (subtrie.kind === 'leaf') return { kind: 'leaf', path, value: subtrie.value.slice() }
  return { kind: 'branch', path, reference: subtrie.reference }
}

import { type BitPrefix, prefixesOverlap } from '../../../src/base/bytes/BitPrefix.ts'
import { fromHex, toHex } from '../../../src/base/bytes/hex.ts'
import type { Leaves } from '../../../src/leaves/Leaves.ts'
import { packLeaves } from '../../../src/leaves/packLeaves.ts'
import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'
import type { LeafPages, PagesBelow } from '../../../src/trie/derived/LeafPages.ts'
import type { TrieEntry } from '../../../src/trie/memory/MemoryTrie.ts'
import type { NibblePath } from '../../../src/trie/nibbles.ts'

/**
 * Leaves in pages that are cut more wildly than any store does: anywhere, empty ones among them.
 */
export class ModelPages implements LeafPages {
  readonly keySize: number
  readonly #leaves = new Map<string, Uint8Array>()
  #pages: BitPrefix[] = []
  readonly #changes: BitPrefix[] = []
  /** Called in the middle of each look at the pages. */
  onLook: () => void = () => undefined
  reads = 0

  constructor(keySize: number) {
    this.keySize = keySize
  }

  get version(): number {
    return this.#changes.length
  }

  changesSince(version: number): readonly BitPrefix[] {
    return this.#changes.slice(version)
  }

  async below(path: NibblePath): Promise<readonly PagesBelow[]> {
    const pages = this.#pages
    this.onLook()
    return Array.from({ length: 16 }, (_, nibble) => {
      const inside = pages.filter((page) => prefixesOverlap(page, nibblePrefix([...path, nibble])))
      if (inside.length > 1) return 'several'
      return inside[0] ?? 'none'
    })
  }

  /** They are read again, and counted as reads. */
  offer(): void {}

  async read(page: BitPrefix): Promise<Leaves> {
    this.reads++
    const isEarly = this.reads % 2 === 0
    if (isEarly) this.onLook()
    const leaves = packLeaves(
      this.entries().filter(([key]) => prefixesOverlap(page, wholeKey(key))),
      this.keySize,
    )
    if (!isEarly) this.onLook()
    return leaves
  }

  /** All leaves, ascending. */
  entries(): TrieEntry[] {
    return [...this.#leaves]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, value]) => [fromHex(key as `0x${string}`, 'key'), value])
  }

  put(key: Uint8Array, value: Uint8Array, random: SeededRandom): void {
    this.#leaves.set(toHex(key), value)
    let page = this.#pages.find((page) => prefixesOverlap(page, wholeKey(key)))
    if (!page) {
      // The longest page that can be made is the key itself; a shorter one must not meet another.
      const free = Array.from({ length: this.keySize * 8 + 1 }, (_, bits) =>
        prefixOf(key, bits),
      ).filter((prefix) => !this.#pages.some((other) => prefixesOverlap(prefix, other)))
      page = random.below(2) === 0 ? free[0]! : random.pick(free)
      this.#pages.push(page)
    }
    this.#changes.push(page)
  }

  remove(key: Uint8Array): void {
    if (!this.#leaves.delete(toHex(key))) return
    this.#changes.push(this.#pages.find((page) => prefixesOverlap(page, wholeKey(key)))!)
  }

  /** Splits a page in two. Either may be empty. */
  split(random: SeededRandom): void {
    const page = this.#pages[random.below(this.#pages.length + 1)]
    if (!page || page.bits === this.keySize * 8) return
    const right = new Uint8Array((page.bits >> 3) + 1)
    right.set(page.bytes)
    right[page.bits >> 3]! |= 0x80 >> (page.bits & 7)
    const halves = [
      prefixOf(padded(page, this.keySize), page.bits + 1),
      prefixOf(right, page.bits + 1),
    ]
    this.replace([page], halves)
  }

  /** Merges all pages that overlap with a shorter prefix of one of them. */
  merge(random: SeededRandom): void {
    const page = this.#pages[random.below(this.#pages.length + 1)]
    if (!page) return
    const shorter = prefixOf(padded(page, this.keySize), random.below(page.bits + 1))
    this.replace(
      this.#pages.filter((other) => prefixesOverlap(shorter, other)),
      [shorter],
    )
  }

  /** Drops all pages that hold nothing. */
  dropEmpty(): void {
    const keys = this.entries().map(([key]) => wholeKey(key))
    const empty = this.#pages.filter((page) => !keys.some((key) => prefixesOverlap(page, key)))
    this.replace(empty, [])
  }

  /** Puts other pages in the place of some. */
  replace(old: readonly BitPrefix[], fresh: readonly BitPrefix[]): void {
    this.#pages = [...this.#pages.filter((page) => !old.includes(page)), ...fresh]
    this.#changes.push(...old, ...fresh)
  }
}

/** The first bits of a key. */
function prefixOf(key: Uint8Array, bits: number): BitPrefix {
  const bytes = key.slice(0, (bits + 7) >> 3)
  if (bits % 8 !== 0) bytes[bits >> 3]! &= 0xff << (8 - (bits % 8))
  return { bytes, bits }
}

function wholeKey(key: Uint8Array): BitPrefix {
  return { bytes: key, bits: key.length * 8 }
}

function nibblePrefix(path: readonly number[]): BitPrefix {
  const bytes = new Uint8Array((path.length + 1) >> 1)
  for (const [index, nibble] of path.entries()) bytes[index >> 1]! |= nibble << (index % 2 ? 0 : 4)
  return { bytes, bits: path.length * 4 }
}

function padded({ bytes }: BitPrefix, size: number): Uint8Array {
  const key = new Uint8Array(size)
  key.set(bytes)
  return key
}

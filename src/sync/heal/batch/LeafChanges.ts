import { bytesToHex } from '@noble/hashes/utils.js'
import { compareBytes } from '../../../base/bytes/compareBytes.ts'
import { firstIndex } from '../../../base/firstIndex.ts'
import type { Leaves } from '../../../leaves/Leaves.ts'
import { packLeaves } from '../../../leaves/packLeaves.ts'
import type { KeyRange } from '../../../store/KeyRange.ts'

interface Put {
  key: Uint8Array
  value: Uint8Array
  /** How many ranges had been removed before. */
  after: number
}

/**
 * Puts and removals in one leaf table, in their order, as a batch has them: first all removals,
 * then all puts.
 */
export class LeafChanges {
  readonly #keySize: number
  readonly #removed: KeyRange[] = []
  /** By key in hexadecimal. */
  readonly #puts = new Map<string, Put>()

  /** @param keySize bytes of a key */
  constructor(keySize: number) {
    this.#keySize = keySize
  }

  get removed(): readonly KeyRange[] {
    return this.#removed
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#puts.set(bytesToHex(key), { key, value, after: this.#removed.length })
  }

  remove(range: KeyRange): void {
    this.#removed.push(range)
  }

  /** What was put, without what was removed after it; ascending. */
  leaves(): Leaves {
    const puts = [...this.#puts.values()].sort((a, b) => compareBytes(a.key, b.key))
    const dropped = new Set<Put>()
    for (const [index, { first, last }] of this.#removed.entries()) {
      const from = firstIndex(puts.length, (at) => compareBytes(puts[at]!.key, first) >= 0)
      for (let at = from; at < puts.length; at++) {
        const put = puts[at]!
        if (compareBytes(put.key, last) > 0) break
        if (put.after <= index) dropped.add(put)
      }
    }
    const kept = puts.filter((put) => !dropped.has(put))
    return packLeaves(
      kept.map(({ key, value }) => [key, value]),
      this.#keySize,
    )
  }
}

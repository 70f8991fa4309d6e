import { bytesToHex } from '@noble/hashes/utils.js'
import type { StateView } from '../../store/StateView.ts'
import type { NibblePath } from '../../trie/nibbles.ts'
import { isFar, tellingDepth } from './isFar.ts'
import { nibblesToBytes } from './scheduler/operations/nibblesToBytes.ts'
import { ACCOUNT_NIBBLES } from './scheduler/paths/syncPath.ts'

/** A storage trie that is cheaper to download than to heal. */
export interface FarContract {
  accountHash: Uint8Array
  /** In hexadecimal without prefix. */
  storageRoot: string
}

/** What was compared of a storage trie. */
interface Seen {
  storageRoot: string
  subtries: number
  /** No number once the contract was found. */
  differing: number
  /** How many slots are stored, about. */
  slots?: Promise<number>
}

/** Slots in a page of the store, on average. */
const SLOTS_PER_PAGE = 300
/**
 * So many subtries must have been compared, and so many of them differ, before the phase is worth
 * ending for it.
 */
const MIN_SEEN = 128
const MIN_DIFFERING = 64

/**
 * Watches a heal for large contracts whose storage is cheaper to download: compares at one depth,
 * as the survey does, with the nodes that the heal fetches anyway. Finds each contract once, so
 * that no sync downloads it twice.
 */
export class FarStorage {
  /** Contracts that nobody has taken yet. */
  found: FarContract[] = []
  readonly #view: Pick<StateView, 'slotPageCounts'>
  /** By account hash in hexadecimal. */
  readonly #seen = new Map<string, Seen>()

  constructor(view: Pick<StateView, 'slotPageCounts'>) {
    this.#view = view
  }

  /** Notes whether the store has a node of a storage trie. */
  async compared(path: NibblePath, hash: Uint8Array, has: boolean): Promise<void> {
    const depth = path.length - ACCOUNT_NIBBLES
    if (depth < 0) return
    const accountHash = nibblesToBytes(path.subarray(0, ACCOUNT_NIBBLES))
    const id = bytesToHex(accountHash)
    const seen = this.#seen.get(id)
    if (seen === undefined) {
      this.#seen.set(id, { storageRoot: bytesToHex(hash), subtries: 0, differing: 0 })
    } else if (depth >= 2) {
      // At least so many that a subtrie at the second depth has one.
      seen.slots ??= this.#view
        .slotPageCounts([accountHash])
        .then(([pages]) => Math.max(pages! * SLOTS_PER_PAGE, 256))
      const slots = await seen.slots
      const telling = Math.max(tellingDepth(slots), 2)
      if (depth !== telling) return
      seen.subtries++
      if (!has) seen.differing++
      const { storageRoot, subtries, differing } = seen
      const isKnown = subtries >= MIN_SEEN && differing >= MIN_DIFFERING
      if (!isKnown || !isFar(subtries, differing, depth, slots)) return
      seen.differing = Number.NaN
      this.found.push({ accountHash, storageRoot })
    }
  }
}

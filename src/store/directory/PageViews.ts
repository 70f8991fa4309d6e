import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { StoreCorruptError } from '../errors.ts'
import { PageDirectory } from './PageDirectory.ts'
import { PageKey } from './PageKey.ts'

/**
 * The pages of a table as the two states see them: the completed one, and the working one of the
 * generation after it, which lies over it.
 *
 * A state shows of each prefix the record of the newest generation that is not after its own: a
 * page, or with a tombstone nothing. So each replacement of an older page, by one of the same
 * prefix, by its pieces or by nothing, leaves a record of its very prefix; a directory needs no
 * more than the list of keys. As a directory, views never change.
 */
export class PageViews {
  readonly completed: PageDirectory
  readonly working: PageDirectory
  /**
   * Records that neither state shows. To be removed in this order: pages first, and then what hides
   * them. A generation once over is never written to again, so that it does no harm to remove one
   * twice.
   */
  readonly garbage: readonly PageKey[]

  private constructor(
    completed: PageDirectory,
    working: PageDirectory,
    garbage: readonly PageKey[],
  ) {
    this.completed = completed
    this.working = working
    this.garbage = garbage
  }

  /**
   * @param keys of all records of a table
   * @param keySize bytes of a leaf's key
   * @param generation of the completed state
   * @throws {StoreCorruptError} when a key is malformed, of a generation yet to come, there twice,
   *   or two pages overlap
   */
  static load(keys: readonly Uint8Array[], keySize: number, generation: number): PageViews {
    // Sorted here, as the database may put a longer prefix between two generations of a shorter
    // one.
    const records = keys.map((key) => PageKey.fromBytes(key, keySize)).sort(compareRecords)
    const completed: PageKey[] = []
    const working: PageKey[] = []
    const garbage: PageKey[] = []
    for (let from = 0, to = 0; from < records.length; from = to) {
      do to++
      while (to < records.length && comparePrefixes(records[from]!, records[to]!) === 0)
      const ofPrefix = records.slice(from, to)
      ofPrefix.forEach((record, index) => {
        const twice = ofPrefix[index + 1]?.generation === record.generation
        if (!twice && record.generation <= generation + 1) return
        throw new StoreCorruptError(`there is a ${record}, twice or after ${generation + 1}`)
      })
      const below = ofPrefix.filter((record) => record.generation <= generation)
      const newest = below.at(-1)
      garbage.push(...below.slice(0, -1), ...(newest?.tombstone ? [newest] : []))
      if (newest?.tombstone === false) completed.push(newest)
      const shown = ofPrefix.at(-1)!
      if (!shown.tombstone) working.push(shown)
    }
    return new PageViews(PageDirectory.of(completed), PageDirectory.of(working), garbage)
  }

  /** These views with other working pages. */
  withWorking(working: PageDirectory): PageViews {
    return new PageViews(this.completed, working, this.garbage)
  }

  /**
   * These views when the working state becomes the completed one, whose generation then is
   * `generation`.
   */
  complete(generation: number): PageViews {
    const hidden = this.completed.pages.flatMap((page) => {
      const shown = this.working.at(page.prefix)
      if (shown === page) return []
      return shown ? [page] : [page, new PageKey(page.prefix, generation, true)]
    })
    return new PageViews(this.working, this.working, [...this.garbage, ...hidden])
  }

  /** These views without the first `count` of the garbage. */
  withoutGarbage(count: number): PageViews {
    return new PageViews(this.completed, this.working, this.garbage.slice(count))
  }
}

function comparePrefixes({ prefix: a }: PageKey, { prefix: b }: PageKey): number {
  return compareBytes(a.bytes, b.bytes) || a.bits - b.bits
}

function compareRecords(a: PageKey, b: PageKey): number {
  return comparePrefixes(a, b) || a.generation - b.generation
}

/**
 * Whether a database of this name was here before, and leaves a mark that it is now. The mark is a
 * cache without entries that has the name of the database. Cache Storage keeps its index in a file
 * of its own, so what takes IndexedDB leaves it; the user's "clear site data" takes both.
 * `localStorage` is missing in workers; another database would go with ours.
 *
 * @param isNew whether the database was made just now
 */
export async function wasStored(name: string, isNew: boolean): Promise<boolean> {
  try {
    const marked = isNew && (await caches.has(name))
    // Not awaited when it was there before: opening must not take longer.
    const marking = caches.open(name)
    if (isNew) await marking
    else marking.catch(() => {})
    return marked
  } catch {
    // No Cache Storage here. A loss is told only when an open failed before it.
    return false
  }
}

import type { PathSet } from './SnapMessage.ts'
import { SnapRequestError } from './SnapRequestError.ts'

/** @throws {SnapRequestError} when a set of a request for trie nodes names nothing: servers end the connection for it */
export function checkPathSets(paths: readonly PathSet[]): void {
  const empty = paths.findIndex((set) => set.length === 0)
  if (empty >= 0) throw new SnapRequestError(`path set ${empty} of ${paths.length} is empty`)
}

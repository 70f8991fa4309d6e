import { compareBytes } from '../../../../base/bytes/compareBytes.ts'
import { nextHash } from '../../../../base/bytes/hash32.ts'
import type { NibblePath } from '../../../../trie/nibbles.ts'
import { ACCOUNT_NIBBLES } from '../paths/syncPath.ts'
import { nibblesToBytes } from './nibblesToBytes.ts'
import type { ClearOperation } from './SyncOperation.ts'

/** A range of keys that is removed, both ends inclusive, 32 bytes each. */
export interface ClearedRange {
  /**
   * In this account's storage the slots from `from` to `to`; where it is left out, accounts with
   * all their slots.
   */
  account?: Uint8Array
  from: Uint8Array
  to: Uint8Array
}

/**
 * The ranges of keys that a clear empties, ascending: the gaps around what it keeps.
 *
 * @example a branch at path 7 with children 1 and 2 clears [70…0, 70f…f] and [730…0, 7f…f]
 */
export function clearedRanges({
  path,
  keep,
}: Pick<ClearOperation, 'path' | 'keep'>): ClearedRange[] {
  const base = path.length < ACCOUNT_NIBBLES ? 0 : ACCOUNT_NIBBLES
  const bound = (of: NibblePath, fill: number) => {
    const key = new Uint8Array(ACCOUNT_NIBBLES).fill(fill)
    key.set(of.subarray(base))
    return nibblesToBytes(key)
  }
  const account = base === 0 ? {} : { account: nibblesToBytes(path.subarray(0, base)) }
  const ranges: ClearedRange[] = []
  const last = bound(path, 15)
  let from: Uint8Array | undefined = bound(path, 0)
  for (const kept of keep) {
    const keptFrom = bound(kept, 0)
    if (from !== undefined && compareBytes(from, keptFrom) < 0) {
      ranges.push({ ...account, from, to: previousKey(keptFrom) })
    }
    from = nextHash(bound(kept, 15))
  }
  if (from !== undefined && compareBytes(from, last) <= 0) {
    ranges.push({ ...account, from, to: last })
  }
  return ranges
}

/** The key before one that is not zero. */
function previousKey(key: Uint8Array): Uint8Array {
  const previous = key.slice()
  let at = previous.length - 1
  while (previous[at] === 0) previous[at--] = 0xff
  previous[at]!--
  return previous
}

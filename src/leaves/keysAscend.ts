import type { Leaves } from './Leaves.ts'

/** Whether every key is greater than the one before it. */
export function keysAscend({ count, keySize, keys }: Leaves): boolean {
  for (let end = keySize; end < count * keySize; end += keySize) {
    let at = end
    while (at < end + keySize && keys[at - keySize] === keys[at]) at++
    if (at === end + keySize || keys[at - keySize]! > keys[at]!) return false
  }
  return true
}

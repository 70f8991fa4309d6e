import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import type { Leaves } from '../../../src/leaves/Leaves.ts'
import { packLeaves } from '../../../src/leaves/packLeaves.ts'

const keys = new Map<string | number, Uint8Array>()

/**
 * A key that looks like a hash, and is the same in every run. Kept, because the tests use the same
 * ones all over.
 */
export function hashKey(name: string | number): Uint8Array {
  const known = keys.get(name)
  if (known) return known.slice()
  const key = sha256(utf8ToBytes(String(name)))
  keys.set(name, key)
  return key.slice()
}

/** The key of a slot, by name: account hash ‖ slot hash. */
export function slotKey(account: string | number, slot: string | number): Uint8Array {
  return concatBytes(hashKey(account), hashKey(slot))
}

/** Leaves in ascending order of their keys, each with its value; the last of equal keys stays. */
export function makeLeaves(
  keys: readonly Uint8Array[],
  value: (index: number) => Uint8Array,
): Leaves {
  const entries = keys.map((key, index) => [key, value(index)] as const)
  const ascending = entries.sort(([a], [b]) => compareBytes(a, b))
  const distinct = ascending.filter(([key], index) => {
    const next = ascending[index + 1]
    return !next || compareBytes(key, next[0]) !== 0
  })
  return packLeaves(distinct, keys[0]?.length ?? 32)
}

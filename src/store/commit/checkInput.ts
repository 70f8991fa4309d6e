import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { toHex } from '../../base/bytes/hex.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { keysAscend, leafKey } from '../../leaves/Leaves.ts'
import { StoreInputError } from '../errors.ts'
import type { KeyRange } from '../KeyRange.ts'
import type { StoreBatch } from '../StateStore.ts'
import { KEY_SIZES } from '../view/PageTable.ts'

/**
 * @throws {StoreInputError} when a hash does not have 32 bytes, such as an address in place of its
 *   hash
 */
export function checkHash(hash: Uint8Array, what: string): void {
  if (!(hash instanceof Uint8Array) || hash.length !== 32) {
    const received = hash instanceof Uint8Array ? toHex(hash) : String(hash)
    throw new StoreInputError(`${what} must be 32 bytes, got ${received}`)
  }
}

/** @throws {StoreInputError} when a key does not have the size of the table's keys */
export function checkKey(key: Uint8Array, keySize: number, table: string): void {
  if (!(key instanceof Uint8Array) || key.length !== keySize) {
    const received = key instanceof Uint8Array ? toHex(key) : String(key)
    throw new StoreInputError(`keys of ${table} must be ${keySize} bytes, got ${received}`)
  }
}

/**
 * @throws {StoreInputError} when keys have another size or do not ascend: one such page would hide
 *   its leaves
 */
export function checkLeaves(leaves: Leaves, keySize: number, table: string): void {
  if (leaves.count === 0) return
  if (leaves.keySize !== keySize) {
    throw new StoreInputError(`${table} have keys of ${leaves.keySize} bytes, expected ${keySize}`)
  }
  if (keysAscend(leaves)) return
  for (let index = 1; index < leaves.count; index++) {
    if (compareBytes(leafKey(leaves, index - 1), leafKey(leaves, index)) >= 0) {
      const key = toHex(leafKey(leaves, index))
      throw new StoreInputError(
        `${table} must ascend, ${key} at ${index} is not after the one before`,
      )
    }
  }
}

/**
 * @throws {StoreInputError} when an end has another size, or the last key comes before the first
 */
export function checkRanges(ranges: readonly KeyRange[], keySize: number, table: string): void {
  for (const { first, last } of ranges) {
    for (const key of [first, last]) {
      if (key.length === keySize) continue
      throw new StoreInputError(
        `a range of ${table} ends in keys of ${keySize} bytes, got ${toHex(key)}`,
      )
    }
    if (compareBytes(first, last) <= 0) continue
    throw new StoreInputError(`a range of ${table} goes from ${toHex(first)} to ${toHex(last)}`)
  }
}

/** @throws {StoreInputError} when a batch is none that a store can take */
export function checkBatch(batch: StoreBatch): void {
  const { accounts, slots, codes = [], removeAccounts = [], removeSlots = [], complete } = batch
  checkRanges(removeAccounts, KEY_SIZES.accounts, 'accounts')
  checkRanges(removeSlots, KEY_SIZES.slots, 'slots')
  if (accounts !== undefined) checkLeaves(accounts, KEY_SIZES.accounts, 'accounts')
  if (slots !== undefined) checkLeaves(slots, KEY_SIZES.slots, 'slots')
  for (const { hash } of codes) checkHash(hash, 'code hash')
  if (complete !== undefined) checkHash(complete, 'state root')
}

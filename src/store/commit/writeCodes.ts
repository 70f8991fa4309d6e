import { bytesToHex } from '@noble/hashes/utils.js'
import type { StoreTransaction } from '../backend/StoreBackend.ts'
import type { StoreBatch } from '../StateStore.ts'

/**
 * Puts codes under their hashes; resolves with how many codes and bytes there are more than before.
 */
export async function writeCodes(
  transaction: StoreTransaction,
  codes: NonNullable<StoreBatch['codes']>,
): Promise<{ codes: number; bytes: number }> {
  // A batch may name a code twice, which must count once.
  const distinct = new Map(codes.map((entry) => [bytesToHex(entry.hash), entry]))
  const changes = await Promise.all(
    [...distinct.values()].map(async ({ hash, code }) => {
      const old = await transaction.get('codes', hash)
      transaction.put('codes', hash, code)
      return old
        ? { codes: 0, bytes: code.length - old.length }
        : { codes: 1, bytes: hash.length + code.length }
    }),
  )
  return {
    codes: changes.reduce((sum, change) => sum + change.codes, 0),
    bytes: changes.reduce((sum, change) => sum + change.bytes, 0),
  }
}

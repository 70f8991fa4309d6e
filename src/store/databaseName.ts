import { toHex } from '../base/bytes/hex.ts'
import { checkHash } from './commit/checkInput.ts'
import { StoreInputError } from './errors.ts'
import type { StoreIdentity } from './StateStore.ts'

/**
 * The name of a store's database: `cambium/1/0xd4e5…`.
 * @throws {StoreInputError} when the chain id is no whole number from 0 on, or the genesis hash no
 *   hash
 */
export function databaseName({ chainId, genesisHash }: StoreIdentity, name: string): string {
  if (!Number.isSafeInteger(chainId) || chainId < 0) {
    throw new StoreInputError(`chain id must be a whole number from 0 on, got ${String(chainId)}`)
  }
  checkHash(genesisHash, 'genesis hash')
  return `${name}/${chainId}/${toHex(genesisHash)}`
}

import fc from 'fast-check'
import type { Account } from '../../../src/account/Account.ts'
import { emptyCodeHash, emptyRoot } from '../../../src/account/emptyHashes.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })

/**
 * Accounts of all kinds: plain ones, contracts with storage, code or both, and numbers of every
 * size.
 */
export const accountArbitrary: fc.Arbitrary<Account> = fc.record({
  nonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  balance: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  storageRoot: fc.oneof(fc.constant(emptyRoot()), hash),
  codeHash: fc.oneof(fc.constant(emptyCodeHash()), hash),
})

import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodeAccount, encodeAccount, encodeSlimAccount } from './accountCodec.ts'
import { emptyCodeHash, emptyRoot } from './emptyHashes.ts'
import { slimAccount } from './slimAccount.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const account = fc.record({
  nonce: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  balance: fc.bigInt({ min: 0n, max: 2n ** 256n - 1n }),
  storageRoot: fc.oneof(hash, fc.constant(emptyRoot())),
  codeHash: fc.oneof(hash, fc.constant(emptyCodeHash())),
})

it('is what the account codec makes of it', () => {
  fc.assert(
    fc.property(account, (account) => {
      const full = encodeAccount(account)
      expect(slimAccount(full)).toEqual(encodeSlimAccount(decodeAccount(full)))
    }),
  )
})

it('refuses what is no account', () => {
  expect(() => slimAccount(Uint8Array.of(0xc1, 0x80))).toThrow('an item is missing')
  expect(() => slimAccount(Uint8Array.of(0x80))).toThrow('account at byte 0 must be a list')
})

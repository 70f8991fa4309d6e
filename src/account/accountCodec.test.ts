import { RLP } from '@ethereumjs/rlp'
import { createAccount } from '@ethereumjs/util'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountArbitrary } from '../../test/support/trie/accountArbitrary.ts'
import { toHex } from '../base/bytes/hex.ts'
import {
  decodeAccount,
  decodeSlimAccount,
  encodeAccount,
  encodeSlimAccount,
} from './accountCodec.ts'
import { emptyCodeHash, emptyRoot } from './emptyHashes.ts'

const refused = expect.objectContaining({ name: 'AccountEncodingError', code: 'ACCOUNT_ENCODING' })
const hash = new Uint8Array(32).fill(7)
const none = new Uint8Array()
const one = Uint8Array.of(1)

describe('account codec', () => {
  it('writes full accounts as @ethereumjs/util does', () => {
    fc.assert(
      fc.property(accountArbitrary, (account) => {
        expect(toHex(encodeAccount(account))).toBe(toHex(createAccount(account).serialize()))
      }),
    )
  })

  it('reads what it wrote, in both forms', () => {
    fc.assert(
      fc.property(accountArbitrary, (account) => {
        expect(decodeAccount(encodeAccount(account))).toEqual(account)
        expect(decodeSlimAccount(encodeSlimAccount(account))).toEqual(account)
      }),
    )
  })

  it('leaves the hashes of nothing out of the slim form', () => {
    const plain = { nonce: 1n, balance: 0n, storageRoot: emptyRoot(), codeHash: emptyCodeHash() }
    expect(toHex(encodeSlimAccount(plain))).toBe('0xc401808080')
  })

  it.each<[string, Uint8Array]>([
    ['nothing', none],
    ['a string', RLP.encode(hash)],
    ['three fields', RLP.encode([one, one, none])],
    ['five fields', RLP.encode([one, one, none, none, none])],
    ['bytes behind it', Uint8Array.of(...RLP.encode([one, one, none, none]), 0)],
    ['a nonce of nine bytes', RLP.encode([hash.subarray(23), one, none, none])],
    ['a nonce with a leading zero', RLP.encode([Uint8Array.of(0, 1), one, none, none])],
    ['a nonce of one zero byte', RLP.encode([Uint8Array.of(0), one, none, none])],
    ['a balance of 33 bytes', RLP.encode([one, new Uint8Array(33).fill(1), none, none])],
    ['a balance with a leading zero', RLP.encode([one, Uint8Array.of(0, 1), none, none])],
    ['a root of 31 bytes', RLP.encode([one, one, hash.subarray(1), none])],
    ['a code hash of 33 bytes', RLP.encode([one, one, none, new Uint8Array(33)])],
    ['the empty root in full', RLP.encode([one, one, emptyRoot(), none])],
    ['the empty code hash in full', RLP.encode([one, one, none, emptyCodeHash()])],
    ['a list for a root', RLP.encode([one, one, [], none])],
  ])('refuses a slim account with %s', (_, encoded) => {
    expect(() => decodeSlimAccount(encoded)).toThrow(refused)
  })

  it('refuses a full account without its hashes', () => {
    expect(() => decodeAccount(RLP.encode([one, one, none, hash]))).toThrow(refused)
    expect(() => decodeAccount(RLP.encode([one, one, hash, none]))).toThrow(refused)
  })
})

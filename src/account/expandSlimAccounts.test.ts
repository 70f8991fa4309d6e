import { RLP } from '@ethereumjs/rlp'
import { keccak_256 } from '@noble/hashes/sha3.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { accountArbitrary } from '../../test/support/trie/accountArbitrary.ts'
import { toHex } from '../base/bytes/hex.ts'
import { packLeaves } from '../leaves/packLeaves.ts'
import { decodeSlimAccount, encodeAccount, encodeSlimAccount } from './accountCodec.ts'
import { EMPTY_CODE_HASH, EMPTY_ROOT } from './emptyHashes.ts'
import { expandSlimAccounts } from './expandSlimAccounts.ts'
import { findContracts } from './findContracts.ts'

const key = (index: number) => keccak_256(Uint8Array.of(index))
const pack = (values: readonly Uint8Array[]) =>
  packLeaves(values.map((value, index) => [key(index), value]))

describe('packed slim accounts', () => {
  it('expand to the full encoding of each', () => {
    fc.assert(
      fc.property(fc.array(accountArbitrary), (accounts) => {
        const slim = pack(accounts.map(encodeSlimAccount))
        expect(expandSlimAccounts(slim)).toEqual(pack(accounts.map(encodeAccount)))
      }),
    )
  })

  it('list the contracts among them with the hashes that they have', () => {
    fc.assert(
      fc.property(fc.array(accountArbitrary), (accounts) => {
        const found = findContracts(pack(accounts.map(encodeSlimAccount)))
        const expected = accounts.flatMap((account, index) => {
          const hasStorage = toHex(account.storageRoot) !== EMPTY_ROOT
          const hasCode = toHex(account.codeHash) !== EMPTY_CODE_HASH
          if (!hasStorage && !hasCode) return []
          const { storageRoot, codeHash } = account
          const hashes = { ...(hasStorage && { storageRoot }), ...(hasCode && { codeHash }) }
          return [{ index, accountHash: key(index), ...hashes }]
        })
        expect(found).toEqual(expected)
      }),
    )
  })

  it('hold on to nothing of the leaves', () => {
    const hash = new Uint8Array(32).fill(7)
    const leaves = pack([
      encodeSlimAccount({ nonce: 1n, balance: 2n, storageRoot: hash, codeHash: hash }),
    ])
    const [contract] = findContracts(leaves)
    leaves.values.fill(0)
    leaves.keys.fill(0)
    expect(contract).toEqual({ index: 0, accountHash: key(0), storageRoot: hash, codeHash: hash })
  })

  it('are refused with the key of the first that is not canonical, as the single codec does', () => {
    const refused = expect.objectContaining({
      code: 'ACCOUNT_ENCODING',
      message: expect.stringContaining(toHex(key(1))),
    })
    const damage = fc.tuple(accountArbitrary, fc.nat(), fc.integer({ min: 0, max: 255 }))
    fc.assert(
      fc.property(damage, ([account, at, byte]) => {
        const good = encodeSlimAccount(account)
        const bad = good.map((old, index) => (index === at % good.length ? byte : old))
        const leaves = pack([good, bad, good])
        let isCanonical = true
        try {
          decodeSlimAccount(bad)
        } catch {
          isCanonical = false
        }
        if (isCanonical) {
          expandSlimAccounts(leaves)
          findContracts(leaves)
        } else {
          expect(() => expandSlimAccounts(leaves)).toThrow(refused)
          expect(() => findContracts(leaves)).toThrow(refused)
        }
      }),
      { numRuns: 3000 },
    )
  })

  it.each([3, 5])('have four fields, not %i', (count) => {
    const leaves = pack([RLP.encode(new Array(count).fill(new Uint8Array()))])
    expect(() => expandSlimAccounts(leaves)).toThrow(
      expect.objectContaining({ code: 'ACCOUNT_ENCODING' }),
    )
  })

  it('do not reach into their neighbours', () => {
    // A list that announces more than its leaf holds would take in the one behind it.
    const leaves = pack([Uint8Array.of(0xc4, 1), Uint8Array.of(1, 0x80, 0x80)])
    expect(() => expandSlimAccounts(leaves)).toThrow(
      expect.objectContaining({ code: 'ACCOUNT_ENCODING' }),
    )
  })
})

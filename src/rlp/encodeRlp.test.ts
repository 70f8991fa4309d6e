import { RLP } from '@ethereumjs/rlp'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryRlp } from '../../test/support/bytes/arbitraryRlp.ts'
import { encodeRlp } from './encodeRlp.ts'

describe('encodeRlp', () => {
  it('writes what another encoder writes', () => {
    fc.assert(
      fc.property(arbitraryRlp, (input) => {
        expect(encodeRlp(input)).toEqual(RLP.encode(input))
      }),
    )
  })

  it('writes integers in their shortest form', () => {
    const integer = fc.bigInt({ min: 0n, max: 2n ** 300n })
    fc.assert(
      fc.property(integer, (value) => {
        expect(encodeRlp(value)).toEqual(RLP.encode(value))
      }),
    )
  })

  it('puts RLP in as it is, and leaves headroom', () => {
    const rlp = RLP.encode(['a', ['b']])
    expect(encodeRlp([{ rlp }, 1n], 2)).toEqual(
      Uint8Array.of(0, 0, ...RLP.encode([['a', ['b']], 1])),
    )
  })

  it('writes sizes of three bytes', () => {
    const big = new Uint8Array(70_000).fill(1)
    expect(encodeRlp([big])).toEqual(RLP.encode([big]))
  })
})

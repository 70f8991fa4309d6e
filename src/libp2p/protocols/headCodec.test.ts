import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeRlp } from '../../rlp/encodeRlp.ts'
import { decodeHead, encodeHead } from './headCodec.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const head = fc.record({
  number: fc.maxSafeNat(),
  hash,
  parentHash: hash,
  stateRoot: hash,
})
const refusal = expect.objectContaining({ code: 'PEER_PROTOCOL', peer: 'liar' })

describe('a head', () => {
  it('comes back from its frame, which is small', () => {
    fc.assert(
      fc.property(head, (given) => {
        const frame = encodeHead(given)
        expect(decodeHead(frame, 'peer')).toEqual(given)
        expect(frame.length).toBeLessThan(128)
      }),
    )
  })

  it('is refused with any byte cut off or added, and read as another one or refused with any changed', () => {
    fc.assert(
      fc.property(head, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, change) => {
        const frame = encodeHead(given)
        expect(() => decodeHead(frame.subarray(0, at % frame.length), 'liar')).toThrow(refusal)
        expect(() => decodeHead(Uint8Array.of(...frame, change), 'liar')).toThrow(refusal)
        const changed = frame.slice()
        changed[at % frame.length]! ^= change
        try {
          expect(encodeHead(decodeHead(changed, 'liar'))).toEqual(changed)
        } catch (error) {
          expect(error).toEqual(refusal)
        }
      }),
    )
  })

  it.each([
    ['a number beyond 2^53', [2n ** 53n, ...hashes(32, 32, 32)]],
    ['a short hash', [1n, ...hashes(31, 32, 32)]],
    ['a hash too few', [1n, ...hashes(32, 32)]],
    ['a hash too many', [1n, ...hashes(32, 32, 32, 32)]],
    ['a list in place of the number', [[], ...hashes(32, 32, 32)]],
  ])('is refused with %s', (_, fields) => {
    expect(() => decodeHead(encodeRlp(fields), 'liar')).toThrow(refusal)
  })
})

function hashes(...sizes: number[]): Uint8Array[] {
  return sizes.map((size) => new Uint8Array(size).fill(7))
}

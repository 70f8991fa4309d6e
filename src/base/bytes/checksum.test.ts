import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHECKSUM_SIZE, checksum } from './checksum.ts'

const bytes = fc.uint8Array({ minLength: 1, maxLength: 80 })
const at = fc.nat()

describe('checksum', () => {
  it('is the same for the same bytes, wherever they lie', () => {
    fc.assert(
      fc.property(bytes, fc.nat(5), (data, offset) => {
        const elsewhere = Uint8Array.of(...new Uint8Array(offset), ...data).subarray(offset)
        expect(checksum(elsewhere)).toEqual(checksum(data))
        expect(checksum(data)).toHaveLength(CHECKSUM_SIZE)
      }),
    )
  })

  it.each<[string, (data: Uint8Array, a: number, b: number) => Uint8Array]>([
    ['one byte', (data, a, b) => data.with(a, data[a]! ^ (1 + (b % 255)))],
    [
      'two bytes that take each other’s place',
      (data, a, b) => data.with(a, data[b]!).with(b, data[a]!),
    ],
    [
      'the same bit of two bytes',
      (data, a, b) => data.with(a, data[a]! ^ 128).with(b, data[b]! ^ 128),
    ],
    ['a byte more', (data) => Uint8Array.of(...data, 0)],
    ['a byte less', (data) => data.subarray(1)],
    [
      'words in another order',
      (data) => Uint8Array.of(...data.subarray(4), ...data.subarray(0, 4)),
    ],
  ])('notices %s', (_, change) => {
    fc.assert(
      fc.property(bytes, at, at, (data, a, b) => {
        const changed = change(data, a % data.length, b % data.length)
        fc.pre(changed.join() !== data.join())
        expect(checksum(changed)).not.toEqual(checksum(data))
      }),
      { numRuns: 2_000 },
    )
  })

  it('notices where one part ends and the next begins', () => {
    const [a, b] = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)]
    expect(checksum(a, b)).not.toEqual(checksum(Uint8Array.of(...a, ...b)))
    expect(checksum(a, b)).not.toEqual(checksum(b, a))
  })
})

import { RLP } from '@ethereumjs/rlp'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryRlp, type NestedBytes } from '../../test/support/bytes/arbitraryRlp.ts'
import { encodeRlp } from './encodeRlp.ts'
import { RlpError } from './errors.ts'
import { RlpReader } from './RlpReader.ts'

function decode(cursor: RlpReader): NestedBytes {
  const isList = new RlpReader(cursor.bytes, cursor.position, cursor.end).next()
  if (!isList) return cursor.string('item').slice()
  const list = cursor.list('list')
  const items: NestedBytes[] = []
  const count = list.count()
  while (!list.done) items.push(decode(list))
  expect(items.length).toBe(count)
  return items
}

function hex(digits: string): RlpReader {
  return new RlpReader(Uint8Array.from(Buffer.from(digits, 'hex')))
}

describe('RlpReader', () => {
  it('reads what another encoder wrote', () => {
    fc.assert(
      fc.property(arbitraryRlp, (input) => {
        const cursor = new RlpReader(RLP.encode(input))
        expect(decode(cursor)).toEqual(input)
        cursor.finish('input')
      }),
    )
  })

  it('reads unsigned integers of 64 bits', () => {
    const integer = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
    fc.assert(
      fc.property(integer, (value) => {
        expect(new RlpReader(RLP.encode(value)).uint64('value')).toBe(value)
      }),
    )
  })

  it('accepts exactly the bytes that the encoder would write', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 6 }), (bytes) => {
        const cursor = new RlpReader(bytes)
        let read: NestedBytes
        try {
          read = decode(cursor)
          cursor.finish('bytes')
        } catch (error) {
          expect(error).toBeInstanceOf(RlpError)
          return
        }
        expect(encodeRlp(read)).toEqual(bytes)
      }),
      { numRuns: 5000 },
    )
  })

  it('counts no further than it is told to', () => {
    const list = new RlpReader(RLP.encode(new Array(100).fill('x'))).list('list')
    expect(list.count(10)).toBe(11)
    expect(list.count(100)).toBe(100)
    expect(list.position).toBe(2)
  })

  it.each([
    ['the end of the list', '', 'an item is missing at byte 0'],
    ['a header without its item', '83aabb', '3 bytes announced at byte 0, 2 left'],
    ['a header of a header, cut off', 'b9ff', 'the header at byte 0 is cut off'],
    ['a size of 2^64 - 1', 'ffffffffffffffffff', 'bytes announced at byte 0, 0 left'],
    ['a long form for 55 bytes', `b837${'aa'.repeat(55)}`, 'not the shortest for 55 bytes'],
    ['a size that begins with zero', `b90038${'aa'.repeat(56)}`, 'not the shortest for 56 bytes'],
    ['a small byte with a header', '817f', 'the byte at 1 must stand without a header'],
  ])('refuses %s', (_, digits, message) => {
    expect(() => hex(digits).next()).toThrow(RlpError)
    expect(() => hex(digits).next()).toThrow(message)
  })

  it('names what is of another kind or size', () => {
    expect(() => hex('c0').string('root')).toThrow('root at byte 0 must be a string, got a list')
    expect(() => hex('80').list('proof')).toThrow('proof at byte 0 must be a list, got a string')
    expect(() => hex('83010203').string('root', 32)).toThrow(
      'root at byte 0 must have 32 bytes, got 3',
    )
    expect(() => hex('00').uint64('id')).toThrow('id must not begin with a zero byte')
    expect(() => hex('89010203040506070809').uint64('id')).toThrow('at most 64 bits, got 9 bytes')
    expect(() => hex('0102').finish('frame')).toThrow('frame has 2 bytes after its last item')
  })
})

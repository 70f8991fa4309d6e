import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, HexError, toHex } from './hex.ts'

/** The error that reading a value gives. */
function failure(value: unknown, size?: number): HexError {
  try {
    fromHex(value, 'address', size)
  } catch (error) {
    expect(error).toBeInstanceOf(HexError)
    return error as HexError
  }
  return expect.fail('it was read')
}

describe('hexadecimal', () => {
  it('is written as everybody else writes it, and read again', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        const text = toHex(bytes)
        expect(text).toBe(`0x${Buffer.from(bytes).toString('hex')}`)
        expect(fromHex(text, 'bytes')).toEqual(bytes)
        expect(fromHex(text, 'bytes', bytes.length)).toEqual(bytes)
      }),
    )
  })

  it('is read in capitals too', () => {
    expect(fromHex('0xABcd', 'bytes')).toEqual(Uint8Array.of(0xab, 0xcd))
  })

  it.each([
    ['no 0x', 'abcd'],
    ['0X', '0Xabcd'],
    ['an odd number of digits', '0xabc'],
    ['another digit', '0xabcg'],
    ['a space', '0xab cd'],
    ['a line break at the end', '0xabcd\n'],
    ['a sign', '-0xabcd'],
    ['nothing', ''],
  ])('is refused with %s', (_, value) => {
    const { message, code, name } = failure(value)
    expect({ code, name }).toEqual({ code: 'HEX', name: 'HexError' })
    expect(message).toBe(`address must be bytes in hexadecimal after 0x, got "${value}"`)
  })

  it.each([undefined, null, 12, 12n, true, ['0xab'], {}])('is refused as %s', (value) => {
    expect(failure(value).message).toContain(`got ${value}`)
  })

  it('is refused when it has another size', () => {
    expect(failure('0xabcd', 20).message).toBe(
      'address must be 20 bytes in hexadecimal after 0x, got "0xabcd"',
    )
    expect(failure('0xabcd', 1).message).toContain('1 bytes')
  })

  it('is cut short in the message, however long it is', () => {
    expect(failure('z'.repeat(1_000_000)).message.length).toBeLessThan(200)
  })
})

import { describe, expect, it } from 'vitest'
import { RlpError } from '../../rlp/errors.ts'
import { decodeFault, encodeFault } from './faultCodec.ts'

describe('decodeFault', () => {
  it.each([0n, 1n, 255n, 2n ** 64n - 1n])('reads what encodeFault wrote: %d', (id) => {
    expect(decodeFault(encodeFault(id))).toBe(id)
  })

  it.each([
    ['nothing', []],
    ['no list', [0x05]],
    ['an empty list', [0xc0]],
    ['two numbers', [0xc2, 0x01, 0x02]],
    ['bytes behind the list', [0xc1, 0x01, 0x01]],
    ['a number of 65 bits', [0xca, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0]],
    ['a number that begins with zero', [0xc1, 0x00]],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeFault(Uint8Array.from(bytes))).toThrow(RlpError)
  })
})

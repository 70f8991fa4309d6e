import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { CambiumError } from '../CambiumError.ts'

/** `0x` and an even number of hexadecimal digits. */
export type Hex = `0x${string}`

/** A value that should be hexadecimal and of a certain size, and is not. */
export class HexError extends CambiumError {
  constructor(what: string, expected: string, received: unknown) {
    const shown = typeof received === 'string' ? `"${received.slice(0, 100)}"` : String(received)
    super('HEX', `${what} must be ${expected}, got ${shown}`)
  }
}

export function toHex(bytes: Uint8Array): Hex {
  return `0x${bytesToHex(bytes)}`
}

/**
 * @param what names the value in the error: `'state root'`
 * @param size bytes that the value must have; any number where it is left out
 * @throws {HexError} when the value is not `0x` and hexadecimal digits, or of another size
 */
export function fromHex(value: unknown, what: string, size?: number): Uint8Array {
  const digits = size === undefined ? '(?:[0-9a-fA-F]{2})*' : `[0-9a-fA-F]{${size * 2}}`
  if (typeof value !== 'string' || !new RegExp(`^0x${digits}$`).test(value)) {
    const expected = size === undefined ? 'bytes' : `${size} bytes`
    throw new HexError(what, `${expected} in hexadecimal after 0x`, value)
  }
  return hexToBytes(value.slice(2))
}

import { hexToBytes } from '@noble/hashes/utils.js'
import { CambiumError } from 'cambium/server'

/** A value in a state file is not what it should be. */
export class FileValueError extends CambiumError {
  constructor(what: string, expected: string, received: unknown) {
    const toText = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)
    const shown = JSON.stringify(received, toText) ?? 'nothing'
    const short = shown.length > 100 ? `${shown.slice(0, 100)}…` : shown
    super('FILE_VALUE', `${what} must be ${expected}, got ${short}`)
  }
}

/** A JSON object; an absent one is `undefined`, as is `null`. */
export function objectOf(value: unknown, what: string): Record<string, unknown> | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new FileValueError(what, 'an object', value)
  }
  return value as Record<string, unknown>
}

/**
 * An unsigned number below 2^bits: a decimal or hexadecimal string, or a JSON number of digits
 * alone, however many (`readJson` reads these exactly).
 */
export function quantityOf(value: unknown, what: string, bits: number): bigint {
  const isNumber = typeof value === 'bigint' || Number.isSafeInteger(value)
  const isText = typeof value === 'string' && /^(0x[0-9a-fA-F]+|[0-9]+)$/.test(value)
  const number = isNumber || isText ? BigInt(value as string) : -1n
  if (number < 0n || number >> BigInt(bits) !== 0n) {
    throw new FileValueError(what, `an unsigned whole number below 2^${bits}`, value)
  }
  return number
}

/** Bytes in hexadecimal, with or without `0x`. */
export function bytesOf(value: unknown, what: string, size?: number): Uint8Array {
  const digits = typeof value === 'string' ? value.replace(/^0x/, '') : undefined
  const valid = digits !== undefined && /^(?:[0-9a-fA-F]{2})*$/.test(digits)
  if (!valid || (size !== undefined && digits.length !== size * 2)) {
    const expected = size === undefined ? 'bytes' : `${size} bytes`
    throw new FileValueError(what, `${expected} in hexadecimal`, value)
  }
  return hexToBytes(digits)
}

/**
 * At most 32 bytes in hexadecimal, with or without `0x`, filled up with zeros on the left: how geth
 * reads slots.
 */
export function wordOf(value: unknown, what: string): Uint8Array {
  const bytes = bytesOf(value, what)
  if (bytes.length > 32) throw new FileValueError(what, 'at most 32 bytes in hexadecimal', value)
  const word = new Uint8Array(32)
  word.set(bytes, 32 - bytes.length)
  return word
}

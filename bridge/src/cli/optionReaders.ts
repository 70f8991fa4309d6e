import { isIP } from 'node:net'

/**
 * Reads the text of an option's value.
 * @throws {RangeError} that says what it must be, where it is not
 */
export type OptionReader<Value> = (text: string) => Value

const UNITS: Readonly<Record<string, number>> = { K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }

/** Anything; also a value that another module checks. */
export const readText: OptionReader<string> = (text) => text

export const readSwitch: OptionReader<boolean> = (text) => {
  if (/^(1|true|yes|on)$/i.test(text)) return true
  if (/^(0|false|no|off)$/i.test(text)) return false
  throw new RangeError('must be 1 or 0')
}

export const readPort: OptionReader<number> = (text) => {
  // Number('') and Number('0x50') are numbers, too.
  if (/^\d+$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new RangeError('must be an integer from 0 to 65535')
}

export const readSeconds: OptionReader<number> = (text) => {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  throw new RangeError('must be a number of seconds')
}

export const readWhole: OptionReader<number> = (text) => {
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text)
  throw new RangeError('must be a whole number')
}

/** A whole number, of KiB, MiB or GiB where `K`, `M` or `G` follows. */
export const readBytes: OptionReader<number> = (text) => {
  const [, number = '', unit = ''] = /^(\d+)([KMG]?)$/i.exec(text) ?? []
  const bytes = Number(number) * (UNITS[unit.toUpperCase()] ?? 1)
  if (number !== '' && Number.isSafeInteger(bytes)) return bytes
  throw new RangeError('must be a number of bytes, such as 65536, 64K, 64M or 1G')
}

/** An IP address, or a network as `203.0.113.0/24`. */
export const readNetwork: OptionReader<string> = (text) => {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? []
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
  const size = length === undefined ? bits : Number(length)
  if (bits > 0 && size <= bits) return `${address}/${size}`
  throw new RangeError('must be an IP address or a network, such as 203.0.113.0/24')
}

export function readOneOf<Word extends string>(words: readonly Word[]): OptionReader<Word> {
  return (text) => {
    const found = words.find((word) => word === text)
    if (found !== undefined) return found
    throw new RangeError(`must be ${words.slice(0, -1).join(', ')} or ${words.at(-1)}`)
  }
}

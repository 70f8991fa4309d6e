/**
 * Reads the text of an option's value.
 * @throws {RangeError} that says what it must be, where it is not
 */
export type OptionReader<Value> = (text: string) => Value

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

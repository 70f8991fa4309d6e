import { type CliOption, OPTION_TABLE, type OptionName, variableOf } from './optionTable.ts'

/** Where the second column begins, and where lines end. */
const INDENT = 24
const WIDTH = 84

/** The help of the command, from the table of its options. */
export function helpText(): string {
  const names = Object.keys(OPTION_TABLE) as OptionName[]
  return `Serves an Ethereum state to browsers, over WebRTC-direct and WebSocket.

Usage: cambium-bridge --state STATE [options]

${names.map(describe).join('\n')}

Each option may be given as the environment variable that stands with it; the flag
beats it. BYTES may end with K, M or G. Runs until SIGINT or SIGTERM.`
}

function describe(name: OptionName): string {
  const option: CliOption = OPTION_TABLE[name]
  const flag = `  --${name}${option.value === undefined ? '' : ` ${option.value}`}`
  const notes = [
    ...(option.repeatable ? ['repeatable'] : []),
    ...(option.default === undefined ? [] : [`default ${option.default}`]),
  ]
  const text = `${option.help}${notes.length > 0 ? ` (${notes.join('; ')})` : ''}`
  const lines = [...wrap(text), ...(option.flagOnly ? [] : [variableOf(name)])]
  const column = lines.map((line) => `${' '.repeat(INDENT)}${line}`)
  // A flag that reaches into the second column has a line of its own.
  if (flag.length >= INDENT) return [flag, ...column].join('\n')
  return [flag.padEnd(INDENT) + lines[0], ...column.slice(1)].join('\n')
}

function wrap(text: string): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= WIDTH - INDENT)
      lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}

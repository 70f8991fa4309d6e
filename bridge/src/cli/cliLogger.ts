import { type DestinationStream, destination, type Logger, type LoggerOptions, pino } from 'pino'

export interface CliLogOptions {
  level: string
  /** `json`: as pino writes it; `text`: one line for people. */
  format: 'text' | 'json'
  /**
   * Takes whole lines. @default stderr, written at once, so that the last line before an end is
   * there
   */
  out?: DestinationStream
}

const OPTIONS: LoggerOptions = {
  // Neither the process nor the machine: a log collector adds these by itself.
  base: null,
  timestamp: () => `,"time":"${new Date().toISOString()}"`,
  formatters: { level: (level) => ({ level }) },
}

/**
 * The command's logger. Everything goes to stderr: stdout is for what the command was asked for.
 */
export function cliLogger({ level, format, out }: CliLogOptions): Logger {
  const stream = out ?? destination({ fd: 2, sync: true })
  const write = (line: string) => stream.write(textLine(line))
  return pino({ ...OPTIONS, level }, format === 'json' ? stream : { write })
}

/** `2026-01-01T00:00:00.000Z warn peer left peer=12D3… reason="too slow"` */
function textLine(json: string): string {
  const { time, level, msg, err, ...fields } = JSON.parse(json)
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${textOf(value)}`)
  const why = err === undefined ? [] : [`error=${textOf(err.message)}`]
  return `${[time, level, msg, ...rest, ...why].join(' ')}\n`
}

function textOf(value: unknown): string {
  return typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
}

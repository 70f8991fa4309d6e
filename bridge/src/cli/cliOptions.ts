import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { checkBlocks } from '../BlocksOptions.ts'
import type { BridgeOptions } from '../createBridge.ts'
import { RLPX_PREFIX } from '../rlpx/parseEnodes.ts'
import { UsageError } from './errors.ts'
import {
  type CliOption,
  OPTION_TABLE,
  type OptionName,
  type OptionValues,
  variableOf,
} from './optionTable.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What the command line and the environment ask for. */
export type CliOptions =
  | { mode: 'help' | 'version' }
  | {
      mode: 'serve'
      /** A network, a file, or execution clients. */
      state: string
      output: 'text' | 'json' | 'quiet'
      log: {
        level: NonNullable<OptionValues['log-level']>
        format: NonNullable<OptionValues['log-format']>
      }
      bridge: Omit<BridgeOptions, 'state' | 'onEvent' | 'logger'>
    }

/**
 * @param args without the command itself
 * @param env where an option is looked for that is not among them
 * @throws {UsageError} when an option is unknown, lacks its value or has one that makes no sense,
 *   or `--state` is missing
 * @throws {BlocksError} when the time between blocks makes no sense
 */
export function cliOptions(args: string[], env: Environment): CliOptions {
  const flags = readFlags(args)
  if (flags.help) return { mode: 'help' }
  if (flags.version) return { mode: 'version' }
  const values: OptionValues = { ...readVariables(env, flags), ...flags }
  const { state, blocks, seed } = values
  if (state === undefined) throw new UsageError(`--state (or ${variableOf('state')}) is missing`)
  if (seed !== undefined && blocks === undefined) {
    throw new UsageError('--seed is that of --blocks, which is missing')
  }
  const changes = blocks === undefined ? undefined : given({ seconds: blocks, seed })
  if (changes !== undefined) checkBlocks(changes)
  if (changes !== undefined && state.startsWith(RLPX_PREFIX)) {
    throw new UsageError(
      '--blocks changes a state that the bridge holds; --state names one to relay',
    )
  }
  return {
    mode: 'serve',
    state,
    output: values.json ? 'json' : values.quiet ? 'quiet' : 'text',
    log: { level: values['log-level'] ?? 'warn', format: values['log-format'] ?? 'text' },
    bridge: given({
      identityDir: values.identity ?? dataDir(env),
      blocks: changes,
      host: values.host,
      httpHost: values['http-host'],
      announce: values.announce,
      webrtcPort: values['webrtc-port'],
      wsPort: values['ws-port'],
      httpPort: values['http-port'],
      publicMetrics: values['public-metrics'],
      cacheBytes: values['cache-bytes'],
      limits: given({
        maxConnections: values['max-connections'],
        maxConnectionsPerIp: values['max-connections-per-ip'],
        bytesPerSecond: rate(values.rate),
        bytesPerSecondPerIp: rate(values['rate-per-ip']),
        sharedIps: values['shared-ip'],
        deniedIps: values['deny-ip'],
      }),
    }),
  }
}

/** Where programs keep their data: XDG's place, or that of the platform. */
function dataDir({ XDG_DATA_HOME, APPDATA }: Environment): string {
  return join(XDG_DATA_HOME || APPDATA || join(homedir(), '.local', 'share'), 'cambium-bridge')
}

function readFlags(args: string[]): OptionValues {
  const options = Object.fromEntries(
    entries().map(([name, { value, repeatable, short }]) => [
      name,
      {
        type: value === undefined ? ('boolean' as const) : ('string' as const),
        ...(repeatable && { multiple: repeatable }),
        ...(short !== undefined && { short }),
      },
    ]),
  )
  try {
    const { values } = parseArgs({ args, options, allowNegative: true })
    return read(values, (name) => `--${name}`)
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError((cause as Error).message, { cause })
  }
}

/**
 * Those without a flag. A variable without text counts as none: a container may pass on what is not
 * set.
 */
function readVariables(env: Environment, flags: OptionValues): OptionValues {
  const texts = entries().flatMap(([name, { flagOnly, repeatable }]) => {
    const text = env[variableOf(name)]?.trim()
    if (flagOnly || name in flags || text === undefined || text === '') return []
    return [[name, repeatable ? text.split(/[\s,]+/).filter(Boolean) : text] as const]
  })
  return read(Object.fromEntries(texts), variableOf)
}

/**
 * @param given texts by the name of the option; a switch among flags is a boolean already
 * @param nameOf what the one who gave them calls the option
 */
function read(
  given: Record<string, string | boolean | (string | boolean)[] | undefined>,
  nameOf: (name: OptionName) => string,
): OptionValues {
  const values: Partial<Record<OptionName, unknown>> = {}
  for (const [name, option] of entries()) {
    const one = (text: string | boolean) => {
      if (typeof text === 'boolean') return text
      try {
        return option.read(text)
      } catch (cause) {
        const why = (cause as Error).message
        throw new UsageError(`${nameOf(name)} ${why}, got ${JSON.stringify(text)}`, { cause })
      }
    }
    const texts = given[name]
    if (texts !== undefined) values[name] = Array.isArray(texts) ? texts.map(one) : one(texts)
  }
  return values as OptionValues
}

function entries(): [OptionName, CliOption][] {
  return Object.entries(OPTION_TABLE) as [OptionName, CliOption][]
}

/** On the command line, 0 is no rate at all. */
function rate(bytes: number | undefined): number | undefined {
  return bytes === 0 ? Number.POSITIVE_INFINITY : bytes
}

type Given<Values> = { [Key in keyof Values]: Exclude<Values[Key], undefined> }

/** Without what was not given: the bridge knows its own defaults. */
function given<Values extends object>(values: Values): Given<Values> {
  const present = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(present) as Given<Values>
}

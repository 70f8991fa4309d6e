import {
  type OptionReader,
  readBytes,
  readNetwork,
  readOneOf,
  readPort,
  readSeconds,
  readSwitch,
  readText,
  readWhole,
} from './optionReaders.ts'

/** One option of the command: its flag, its variable and its line of help come from here. */
export interface CliOption<Value = unknown> {
  /** What stands for the value in the help; a switch has none. */
  value?: string
  read: OptionReader<Value>
  help: string
  /** As the help tells it. */
  default?: string
  /** May be given more than once; in its variable, values are separated by commas or spaces. */
  repeatable?: true
  /** One letter that does the same. */
  short?: string
  /** Has no variable: it asks the command for something else than to serve. */
  flagOnly?: true
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const

const LOG_FORMATS = ['text', 'json'] as const

/**
 * Every option, by the name of its flag, in the order of the help. Flags, variables, `--help` and
 * docs follow this table.
 */
export const OPTION_TABLE = {
  state: {
    ...{ value: 'STATE', read: readText },
    help: 'rlpx:ENODE[,ENODE…] (the newest states, relayed from execution clients), mainnet, sepolia, holesky or hoodi (their genesis states), or a file: a geth genesis.json, or a geth state dump',
  },
  blocks: {
    ...{ value: 'SECONDS', read: readSeconds },
    help: 'change the state by made-up blocks, one every so often, and serve the 128 newest states: for demos and tests',
  },
  seed: {
    ...{ value: 'N', read: readWhole, default: '1' },
    help: 'whole number; picks the blocks',
  },
  host: {
    ...{ value: 'IP', read: readText, default: '127.0.0.1' },
    help: 'address to listen on',
  },
  'http-host': {
    ...{ value: 'IP', read: readText },
    help: 'address of the HTTP port',
    default: 'that of --host',
  },
  'webrtc-port': {
    ...{ value: 'PORT', read: readPort, default: '4040' },
    help: 'UDP; 0 takes a free one',
  },
  'ws-port': {
    ...{ value: 'PORT', read: readPort, default: '4040' },
    help: 'TCP, libp2p over WebSocket',
  },
  'http-port': {
    ...{ value: 'PORT', read: readPort, default: '4041' },
    help: 'TCP, /peers.json, /healthz, /readyz, /metrics and others',
  },
  'public-metrics': {
    read: readSwitch,
    help: 'answer /metrics to other machines as well',
  },
  announce: {
    ...{ value: 'ADDR', read: readText, repeatable: true },
    help: 'multiaddr to tell instead of those listened on',
  },
  identity: {
    ...{ value: 'DIR', read: readText },
    help: 'keys of the bridge; the same keys and ports give the same multiaddrs',
    default: '$XDG_DATA_HOME/cambium-bridge, or ~/.local/share/cambium-bridge',
  },
  'cache-bytes': {
    ...{ value: 'BYTES', read: readBytes, default: '64M' },
    help: 'answers to keep for others who ask the same; 0 for none',
  },
  'max-connections': {
    ...{ value: 'N', read: readWhole, default: '256' },
    help: 'connections at a time',
  },
  'max-connections-per-ip': {
    ...{ value: 'N', read: readWhole, default: '16' },
    help: 'those of one IPv4 address, or one IPv6 network of 64 bits',
  },
  rate: {
    ...{ value: 'BYTES', read: readBytes, default: '128M' },
    help: 'bytes per second that all peers together are answered; 0 for any',
  },
  'rate-per-ip': {
    ...{ value: 'BYTES', read: readBytes, default: '32M' },
    help: 'those of one address; 0 for any',
  },
  'shared-ip': {
    ...{ value: 'CIDR', read: readNetwork, repeatable: true, default: '127.0.0.0/8 and ::1' },
    help: 'address or network that many peers share, such as a proxy: limits per address hold for each peer id there',
  },
  'deny-ip': {
    ...{ value: 'CIDR', read: readNetwork, repeatable: true },
    help: 'address or network to refuse',
  },
  'log-level': {
    ...{ value: 'LEVEL', read: readOneOf(LOG_LEVELS), default: 'warn' },
    help: `what is logged to stderr: ${LOG_LEVELS.join(', ')}`,
  },
  'log-format': {
    ...{ value: 'FORMAT', read: readOneOf(LOG_FORMATS), default: 'text' },
    help: 'text, or json: one object in each line',
  },
  json: {
    read: readSwitch,
    help: 'one line of JSON on stdout when ready, and nothing else',
  },
  quiet: {
    read: readSwitch,
    help: 'the multiaddrs on stdout, and nothing else',
  },
  help: { read: readSwitch, help: 'what you read', short: 'h', flagOnly: true },
  version: { read: readSwitch, help: 'the version of the package', flagOnly: true },
} as const satisfies Record<string, CliOption>

type Table = typeof OPTION_TABLE

export type OptionName = keyof Table

/** What was given, by the name of the flag. */
export type OptionValues = {
  [Name in OptionName]?: Table[Name] extends { repeatable: true }
    ? ReturnType<Table[Name]['read']>[]
    : ReturnType<Table[Name]['read']>
}

/** The environment variable of an option: `ws-port` has `CAMBIUM_BRIDGE_WS_PORT`. */
export function variableOf(name: OptionName): string {
  return `CAMBIUM_BRIDGE_${name.toUpperCase().replaceAll('-', '_')}`
}

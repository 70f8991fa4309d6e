import { homedir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CambiumError } from '../bytes/CambiumError.ts'
import { BlocksError } from './BlocksError.ts'
import { type BlocksOptions, checkBlocks } from './BlocksOptions.ts'
import type { BridgeOptions } from './createBridge.ts'
import { PortError } from './ports.ts'

/** The command line is not one that the command understands. */
export class UsageError extends CambiumError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('USAGE', `${message} (--help lists the options)`, options)
  }
}

/** Where programs keep their data: XDG's place, or that of the platform. */
function dataDir(): string {
  const { XDG_DATA_HOME, APPDATA } = process.env
  return join(XDG_DATA_HOME || APPDATA || join(homedir(), '.local', 'share'), 'cambium-bridge')
}

export function helpText(): string {
  return `Serves an Ethereum state to browsers, over WebRTC-direct and WebSocket.

Usage: cambium-bridge --state STATE [options]

  --state STATE       mainnet, sepolia, holesky or hoodi (their genesis states), or
                      a file: a geth genesis.json, or a geth state dump
  --blocks SECONDS    change the state by made-up blocks, one every so often, and
                      serve the 128 newest states: for demos and tests
  --seed N            whole number; picks the blocks    (default 1)
  --host IP           address to listen on              (default 127.0.0.1)
  --webrtc-port PORT  UDP; 0 takes a free one           (default 4040)
  --ws-port PORT      TCP, libp2p over WebSocket        (default 4040)
  --http-port PORT    TCP, /peers.json and others       (default 4041)
  --announce ADDR     multiaddr to tell instead of those listened on; repeatable
  --identity DIR      keys of the bridge; the same keys and ports give the same
                      multiaddrs (default ${dataDir()})
  --json              one line of JSON on stdout when ready, and nothing else
  --quiet             the multiaddrs, and nothing else
  --help
  --version

Runs until SIGINT or SIGTERM.`
}

/** What the command line asks for. */
export type CliOptions =
  | { mode: 'help' | 'version' }
  | {
      mode: 'serve'
      /** A network or a file. */
      state: string
      output: 'text' | 'json' | 'quiet'
      bridge: Omit<BridgeOptions, 'state' | 'onEvent'>
    }

/**
 * @param args without the command itself
 * @throws {UsageError} when an option is unknown, lacks its value, or `--state` is missing
 * @throws {PortError} when a port is not an integer from 0 to 65535
 * @throws {BlocksError} when the time between blocks is no number, or their seed no whole number
 */
export function cliOptions(args: string[]): CliOptions {
  const values = parse(args)
  if (values.help) return { mode: 'help' }
  if (values.version) return { mode: 'version' }
  if (values.state === undefined) throw new UsageError('--state is missing')
  if (values.seed !== undefined && values.blocks === undefined) {
    throw new UsageError('--seed is that of --blocks, which is missing')
  }
  const webrtcPort = port('WebRTC', values['webrtc-port'])
  const wsPort = port('WebSocket', values['ws-port'])
  const httpPort = port('HTTP', values['http-port'])
  const blocks = blocksOf(values.blocks, values.seed)
  return {
    mode: 'serve',
    state: values.state,
    output: values.json ? 'json' : values.quiet ? 'quiet' : 'text',
    bridge: {
      identityDir: values.identity ?? dataDir(),
      ...(blocks !== undefined && { blocks }),
      ...(values.host !== undefined && { host: values.host }),
      ...(values.announce !== undefined && { announce: values.announce }),
      ...(webrtcPort !== undefined && { webrtcPort }),
      ...(wsPort !== undefined && { wsPort }),
      ...(httpPort !== undefined && { httpPort }),
    },
  }
}

function parse(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        state: { type: 'string' },
        blocks: { type: 'string' },
        seed: { type: 'string' },
        host: { type: 'string' },
        'webrtc-port': { type: 'string' },
        'ws-port': { type: 'string' },
        'http-port': { type: 'string' },
        announce: { type: 'string', multiple: true },
        identity: { type: 'string' },
        json: { type: 'boolean' },
        quiet: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        version: { type: 'boolean' },
      },
    })
    return values
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause })
  }
}

function port(what: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  // Number('') and Number('0x50') are numbers, too.
  if (!/^\d+$/.test(text) || Number(text) > 65535) {
    throw new PortError(what, JSON.stringify(text), 'must be an integer from 0 to 65535')
  }
  return Number(text)
}

function blocksOf(blocks: string | undefined, seed = '1'): BlocksOptions | undefined {
  if (blocks === undefined) return undefined
  // Number('') and Number('0x50') are numbers, too.
  if (!/^\d+(\.\d+)?$/.test(blocks)) {
    throw new BlocksError('interval', 'a number of seconds', JSON.stringify(blocks))
  }
  if (!/^\d+$/.test(seed)) throw new BlocksError('seed', 'a whole number', JSON.stringify(seed))
  const options = { seconds: Number(blocks), seed: Number(seed) }
  checkBlocks(options)
  return options
}

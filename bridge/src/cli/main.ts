#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { type StateSize, toHex } from 'cambium/server'
import type { BridgeEvent } from '../BridgeEvent.ts'
import type { BridgeState } from '../BridgeState.ts'
import { type Bridge, createBridge } from '../createBridge.ts'
import { headJson } from '../http/headJson.ts'
import type { UpstreamEvent } from '../rlpx/UpstreamEvent.ts'
import { stateSource } from '../sources/stateSource.ts'
import { cliLogger } from './cliLogger.ts'
import { type CliOptions, cliOptions } from './cliOptions.ts'
import { helpText } from './helpText.ts'

type ServeOptions = Extract<CliOptions, { mode: 'serve' }>

/** A peer that never closes its end must not keep the command from ending. */
const STOP_TIMEOUT_MS = 5_000

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** One line for any error: the user wants the cause, not the code that met it. */
function fail(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`cambium-bridge: ${message.replace(/\s*\n\s*/g, ' ')}\n`)
  process.exit(1)
}

async function serve({ state: name, output, log, bridge: options }: ServeOptions): Promise<void> {
  const tell = output === 'text' ? print : () => {}
  const logger = cliLogger(log)
  // What a peer provokes somewhere in the network stack must not end the service for all others.
  const onFault = (reason: unknown) => {
    const err = reason instanceof Error ? reason : new Error(String(reason))
    logger.error({ err }, 'fault below')
    tell(`Fault: ${reason}`)
  }
  process.on('unhandledRejection', onFault)
  // Who read it has gone (`| head`): nobody is told any more, least of all of this.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
  tell(`Loading ${name} …`)
  const state = await stateSource(name, {
    onProgress: (size) => tell(`  ${counts(size)}`),
    onUpstream: (event) => {
      tell(describeUpstream(event))
      const level = event.type === 'lost' ? 'warn' : 'info'
      logger[level](event, `upstream ${event.type}`)
    },
  })
  const bridge = await createBridge({
    ...{ ...options, state, logger },
    // What a peer only says is for the log.
    onEvent: (event) => event.type !== 'refuted' && tell(describeEvent(event)),
  })
  // Up to here it is a reason not to start.
  process.on('uncaughtException', onFault)
  stopOnSignals(bridge, tell)
  print(READY[output](bridge, state))
}

const READY: Record<ServeOptions['output'], (bridge: Bridge, state: BridgeState) => string> = {
  json: ({ peerId, multiaddrs, url, head }, state) =>
    JSON.stringify({
      network: state.network,
      ...sizeOf(state),
      ...{ peerId, multiaddrs, url },
      ...(head && { head: headJson(head) }),
    }),
  quiet: ({ multiaddrs }) => multiaddrs.join('\n'),
  text: ({ multiaddrs, url }, state) =>
    [
      `Serving   ${state.network.name} (chain ${state.network.chainId})`,
      ...('source' in state
        ? [`Root      ${state.network.stateRoot}`, `Holds     ${counts(state)}`]
        : ['Relays    the states of the newest 128 blocks']),
      ...multiaddrs.map((address) => `Listening ${address}`),
      `Addresses ${url}/peers.json`,
    ].join('\n'),
}

/** Nobody knows how much a state has that is only passed on. */
function sizeOf(state: BridgeState): Partial<StateSize> {
  if (!('source' in state)) return {}
  const { accounts, slots, codes } = state
  return { accounts, slots, codes }
}

function counts({ accounts, slots, codes }: StateSize): string {
  const number = (count: number) => count.toLocaleString('en')
  return `${number(accounts)} accounts, ${number(slots)} slots, ${number(codes)} codes`
}

function describeEvent(event: Exclude<BridgeEvent, { type: 'refuted' }>): string {
  if (event.type === 'head')
    return `Block ${event.head.number}, root ${toHex(event.head.stateRoot)}`
  const why = event.type === 'left' && event.reason !== undefined ? `: ${event.reason}` : ''
  return `Peer ${event.type} over ${event.transport}, ${event.peer}${why}`
}

function describeUpstream(event: UpstreamEvent): string {
  if (event.type === 'connected') {
    return `Upstream ${event.upstream} connected: ${event.client}, block ${event.head}`
  }
  const seconds = (event.inMs / 1000).toFixed(1)
  return `Upstream ${event.upstream}: ${event.reason}; next try in ${seconds} s`
}

function stopOnSignals(bridge: Bridge, tell: (line: string) => void): void {
  const stop = () => {
    // A second signal ends the process at once, as it would without us.
    process.off('SIGINT', stop).off('SIGTERM', stop)
    tell('Stopping …')
    setTimeout(() => process.exit(0), STOP_TIMEOUT_MS).unref()
    // Threads of the WebRTC library would keep the process alive.
    bridge.stop().then(() => process.exit(0), fail)
  }
  process.on('SIGINT', stop).on('SIGTERM', stop)
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return JSON.parse(manifest).version
}

try {
  const options = cliOptions(process.argv.slice(2), process.env)
  if (options.mode === 'serve') await serve(options)
  else print(options.mode === 'help' ? helpText() : version())
} catch (error) {
  fail(error)
}

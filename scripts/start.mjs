// A bridge and the example pages, for a person.
//
//   npm start -- --help
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { servePages } from './lib/browser/servePages.mjs'
import { CommandError } from './lib/CommandError.mjs'
import { command, flags } from './lib/command.mjs'
import { MOVING_FLAGS, movingOptions } from './lib/movingOptions.mjs'
import { startBridge } from './lib/startBridge.mjs'
import { checkState, pageQuery, trustedState } from './lib/trustedState.mjs'
import { setup } from './setup.mjs'

const HELP = `Starts a bridge and serves the example pages, until Ctrl-C.

Usage: npm start -- [options]

  --state STATE    what the bridge serves: mainnet (the default), sepolia, holesky or
                   hoodi, or a file: a geth genesis.json or a geth state dump
  --moving         changes the state by made-up blocks, which the page follows
    --blocks SECONDS   time between two blocks (default 3)
    --distance N       blocks between the head and the pivot (default 2)
    --max-age N        blocks that the head may be past an unfinished pivot (default 6)
    --latency MS       what each request of the page takes longer (default 150)
  --port PORT      of the pages (default 4173); 0 takes a free one
  --help`

/** So that a person sees it happen. */
const MOVING = { blockSeconds: 3, distance: 2, maxAge: 6, latency: 150 }

await command(async (defer) => {
  const options = flags({
    state: { type: 'string', default: 'mainnet' },
    port: { type: 'string', default: '4173' },
    ...MOVING_FLAGS,
    help: { type: 'boolean', short: 'h', default: false },
  })
  if (options.help) {
    console.log(HELP)
    return 0
  }
  const { state, port } = options
  checkState(state)
  const moving = movingOptions(options, MOVING)
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new CommandError(`a port is a number from 0 to 65535, not "${port}"`)
  }
  await setup({ log: console.log })
  const trusted = await trustedState(state)
  const directory = mkdtempSync(join(tmpdir(), 'cambium-start-'))
  defer(() => rmSync(directory, { recursive: true, force: true }))
  const { blockSeconds } = moving ?? {}
  const bridge = await startBridge({ state, identity: directory, blockSeconds, defer })
  const pages = await servePages({ bridge: bridge.url, port: Number(port), defer })
  for (const address of bridge.multiaddrs) console.log(`Bridge    ${address}`)
  console.log(`Addresses ${bridge.url}/peers.json`)
  console.log(`Open      ${pages}sync/?${pageQuery(state, trusted, moving)}`)
  // Until a signal, or until the bridge ends, which nobody but a fault does.
  const status = await bridge.ended
  throw new CommandError(`the bridge ended with status ${status}`)
})

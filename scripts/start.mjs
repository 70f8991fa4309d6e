// A bridge and the example pages, for a person.
//
//   npm start -- --help
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from './lib/CommandError.mjs'
import { command, flags } from './lib/command.mjs'
import { servePages } from './lib/servePages.mjs'
import { startBridge } from './lib/startBridge.mjs'
import { checkState, pageQuery, trustedState } from './lib/trustedState.mjs'
import { setup } from './setup.mjs'

const HELP = `Starts a bridge and serves the example pages, until Ctrl-C.

Usage: npm start -- [options]

  --state STATE    what the bridge serves: mainnet (the default), sepolia, holesky or
                   hoodi, or a file: a geth genesis.json or a geth state dump
  --port PORT      of the pages (default 4173); 0 takes a free one
  --help`

await command(async (defer) => {
  const options = flags({
    state: { type: 'string', default: 'mainnet' },
    port: { type: 'string', default: '4173' },
    help: { type: 'boolean', short: 'h', default: false },
  })
  if (options.help) {
    console.log(HELP)
    return 0
  }
  const { state, port } = options
  checkState(state)
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) {
    throw new CommandError(`a port is a number from 0 to 65535, not "${port}"`)
  }
  await setup({ log: console.log })
  const trusted = await trustedState(state)
  const directory = mkdtempSync(join(tmpdir(), 'cambium-start-'))
  defer(() => rmSync(directory, { recursive: true, force: true }))
  const bridge = await startBridge({ state, identity: directory, defer })
  const pages = await servePages({ bridge: bridge.url, port: Number(port), defer })
  for (const address of bridge.multiaddrs) console.log(`Bridge    ${address}`)
  console.log(`Addresses ${bridge.url}/peers.json`)
  console.log(`Open      ${pages}sync/?${pageQuery(state, trusted)}`)
  // Until a signal, or until the bridge ends, which nobody but a fault does.
  const status = await bridge.ended
  throw new CommandError(`the bridge ended with status ${status}`)
})

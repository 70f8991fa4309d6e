// Measures what an app gets on its disk: packs both packages, installs each into an empty folder,
// and counts what came with it.
//
//   npm run footprint -- --help
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { command, flags } from './lib/command.mjs'
import { measureInstall } from './lib/measureInstall.mjs'
import { npm, tool } from './lib/npm.mjs'
import { startBridge } from './lib/startBridge.mjs'
import { setup } from './setup.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

const HELP = `Packs cambium and cambium-bridge, installs each into an empty folder, counts packages
and megabytes there, imports every entry, and lets the one connect to the other. The
registry serves the dependencies.

Usage: npm run footprint [-- options]

  --json    end with one line of JSON on stdout; all else goes to stderr
  --help

Exit status 0 only if both stay within their limits, no package of React Native or
install script is among what came, all entries load, and the two connect.`

/**
 * Of what is installed, with the package itself. cambium has 4 packages and 3 MB, cambium-bridge
 * 127 and 80 MB.
 */
const LIMITS = {
  cambium: { packages: 10, MB: 8 },
  'cambium-bridge': { packages: 150, MB: 120 },
}

/**
 * Node 20 lacks the WebSocket of browsers; WebRTC is tried by `web-test/package.test.ts`, in one.
 */
const WEB_SOCKET = import.meta.resolve('ws')

const CONNECT = `
import { libp2pPeers } from 'cambium/libp2p'
const [bridges, webSocket] = process.argv.slice(1)
globalThis.WebSocket ??= (await import(webSocket)).WebSocket
const peers = libp2pPeers({ bridges: JSON.parse(bridges), transports: ['websocket'] })
for await (const pipe of peers({ signal: AbortSignal.timeout(20_000), onEvent() {} })) {
  console.log(pipe.peer)
  process.exit(0)
}
process.exit(1)
`

await command(async (defer) => {
  const options = flags({
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  })
  if (options.help) {
    console.log(HELP)
    return 0
  }
  await setup({ log: console.error })
  const directory = mkdtempSync(join(tmpdir(), 'cambium-footprint-'))
  defer(() => rmSync(directory, { recursive: true, force: true }))
  const tarballs = await pack(directory)

  /** @type {Record<string, import('./lib/measureInstall.mjs').Footprint>} */
  const footprints = {}
  /** @type {Record<string, string>} */
  const folders = {}
  let failed = false
  for (const [name, limit] of Object.entries(LIMITS)) {
    const folder = join(directory, `app-of-${name}`)
    folders[name] = folder
    // The bridge takes the library of this checkout, and not one from the registry.
    await install(folder, name === 'cambium' ? [tarballs.cambium] : Object.values(tarballs))
    const { largest, ...footprint } = measureInstall(folder)
    footprints[name] = footprint
    const { packages, MB } = footprint
    console.error(`${name}: ${packages} packages, ${MB} MB; most of it:`)
    for (const [each, size] of largest) console.error(`  ${size.toFixed(1).padStart(6)}  ${each}`)
    const faults = [
      packages > limit.packages && `${packages} packages, at most ${limit.packages}`,
      MB > limit.MB && `${MB} MB, at most ${limit.MB}`,
      footprint.reactNative && 'React Native is among them',
      footprint.installScripts > 0 && `${footprint.installScripts} of them run install scripts`,
      ...(await unloadable(folder, name)),
    ].filter(Boolean)
    for (const fault of faults) console.error(`${name}: ${fault}`)
    failed ||= faults.length > 0
  }
  const connects = await connect(folders, join(directory, 'identity'), defer)
  if (options.json) console.log(JSON.stringify({ ...footprints, connects }))
  return failed || !connects ? 1 : 0
})

/**
 * @param {string} directory for the tarballs
 * @returns {Promise<Record<keyof typeof LIMITS, string>>} package → path of its tarball
 */
async function pack(directory) {
  const packed = await npm(
    [
      ...['pack', '--json', '--workspaces', '--include-workspace-root'],
      ...['--ignore-scripts', '--pack-destination', directory],
    ],
    ROOT,
  )
  /** @type {{name: string, filename: string}[]} */
  const tarballs = JSON.parse(packed)
  const pathOf = (/** @type {string} */ name) =>
    join(directory, tarballs.find((tarball) => tarball.name === name)?.filename ?? '')
  return { cambium: pathOf('cambium'), 'cambium-bridge': pathOf('cambium-bridge') }
}

/**
 * @param {string} folder that is made for it
 * @param {string[]} tarballs
 */
async function install(folder, tarballs) {
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{ "private": true }')
  const quick = ['--no-audit', '--no-fund', '--loglevel=error', '--prefer-offline']
  await npm(['install', '--ignore-scripts', ...quick, ...tarballs], folder)
}

/**
 * @param {string} folder where the package is installed
 * @param {string} name of the package
 * @returns {Promise<string[]>} entries and commands that do not load there, each with its reason
 */
async function unloadable(folder, name) {
  const home = join(folder, 'node_modules', name)
  const { exports, bin = {} } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'))
  const entries = Object.keys(exports).filter((path) => path !== './package.json')
  const trials = [
    ...entries.map((path) => ['--input-type=module', '-e', `import '${name}${path.slice(1)}'`]),
    ...Object.values(bin).map((path) => [join(home, path), '--version']),
  ]
  const faults = []
  for (const trial of trials) {
    const fault = await tool(trial, folder).then(
      () => undefined,
      (/** @type {Error} */ error) => `${trial.at(-1)}: ${error.message}`,
    )
    if (fault !== undefined) faults.push(fault)
  }
  if (!existsSync(join(home, 'LICENSE'))) faults.push('no LICENSE')
  return faults
}

/**
 * Connects `cambium/libp2p`, as it is installed, to an installed bridge.
 *
 * @param {Record<string, string>} folders package → where it is installed
 * @param {string} identity directory for the bridge's keys
 * @param {import('./lib/command.mjs').Defer} defer
 */
async function connect(folders, identity, defer) {
  const cli = join(folders['cambium-bridge'] ?? '', 'node_modules/cambium-bridge/dist/cli/main.js')
  try {
    const bridge = await startBridge({ state: 'hoodi', identity, defer, cli })
    const page = await tool(
      ['--input-type=module', '-e', CONNECT, JSON.stringify(bridge.multiaddrs), WEB_SOCKET],
      folders.cambium ?? '',
    )
    await bridge.stop()
    console.error(`cambium/libp2p connects to cambium-bridge: ${page.trim()}`)
    return true
  } catch (error) {
    console.error(`cambium/libp2p does not connect: ${/** @type {Error} */ (error).message}`)
    return false
  }
}

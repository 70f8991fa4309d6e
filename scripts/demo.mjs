// Syncs a state from a bridge into headless Chromium, and proves it from what a fresh page reads back.
//
//   npm run demo -- --help
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from './chromium.mjs'
import { CommandError } from './lib/CommandError.mjs'
import { command, flags } from './lib/command.mjs'
import { openBrowser } from './lib/openBrowser.mjs'
import { ProgressLine } from './lib/ProgressLine.mjs'
import { servePages } from './lib/servePages.mjs'
import { startBridge } from './lib/startBridge.mjs'
import { bytes, count } from './lib/text.mjs'
import { checkState, pageQuery, trustedState } from './lib/trustedState.mjs'
import { watchPage } from './lib/watchPage.mjs'
import { setup } from './setup.mjs'

const HELP = `Syncs a state from a bridge into headless Chromium over libp2p, stores it in
IndexedDB, and recomputes its root from what a fresh page reads back.

Usage: npm run demo -- [options]

  --state STATE    mainnet (the default), sepolia, holesky or hoodi: their genesis
                   states; or a file: a geth genesis.json or a geth state dump
  --transport T    webrtc (the default) or websocket
  --headed         in a visible browser
  --json           end with one line of JSON on stdout; all else goes to stderr
  --help

Exit status 0 only if the root recomputed by the fresh page is the trusted one.`

await command(async (defer) => {
  const options = flags({
    state: { type: 'string', default: 'mainnet' },
    transport: { type: 'string', default: 'webrtc' },
    headed: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  })
  if (options.help) {
    console.log(HELP)
    return 0
  }
  const { state, transport } = options
  checkState(state)
  if (transport !== 'webrtc' && transport !== 'websocket') {
    throw new CommandError(`unknown transport "${transport}"; there are webrtc and websocket`)
  }
  const out = options.json ? process.stderr : process.stdout
  /** @param {string} line */
  const log = (line) => void out.write(`${line}\n`)

  await setup({ log })
  const trusted = await trustedState(state)
  const { path: executable, from } = await chromium(log)
  log(`Browser   ${executable} (${from})`)
  const directory = mkdtempSync(join(tmpdir(), 'cambium-demo-'))
  defer(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }))

  const bridge = await startBridge({ state, identity: join(directory, 'identity'), defer })
  const pages = await servePages({ bridge: bridge.url, defer })
  log(`Bridge    ${bridge.multiaddrs[transport === 'webrtc' ? 0 : 1]}`)
  log(`Trusted   ${trusted.stateRoot} (${trusted.name})`)
  const profile = join(directory, 'profile')
  const browser = await openBrowser({ executable, profile, headed: options.headed, defer })

  const query = pageQuery(state, trusted)
  const line = new ProgressLine(out)
  defer(() => line.end())
  const page = await browser.newPage()
  await page.goto(`${pages}sync/?${query}&transport=${transport}&autostart`)
  const synced = await watchPage(
    page,
    ({ status }) => status === 'complete',
    (snapshot) => line.show(snapshot),
  )
  line.end()
  await page.close()

  // Without a bridge, so that all the fresh page knows comes from the disk.
  await bridge.stop()
  log('Reading it back in a fresh page, without a bridge …')
  const fresh = await browser.newPage()
  await fresh.goto(`${pages}sync/?${query}&audit`)
  const { audit } = await watchPage(fresh, (snapshot) => snapshot.audit !== undefined)
  if (audit === undefined || synced.progress === undefined) throw new Error('nothing was read back')

  const { root, accounts, slots, codes } = audit
  const verified = root === trusted.stateRoot
  const seconds = Number((synced.progress.elapsedMs / 1000).toFixed(2))
  const used = synced.transport
  if (options.json) {
    const received = synced.progress.bytes
    const result = { root, accounts, slots, codes, bytes: received, seconds, transport: used }
    console.log(JSON.stringify({ ...result, verified }))
  } else {
    log('')
    log(verified ? `✓ Verified: ${trusted.name}` : '✗ NOT verified: the roots differ')
    log(`  root       ${root}, recomputed from IndexedDB`)
    log(`  accounts   ${count(accounts)}`)
    log(`  slots      ${count(slots)}`)
    log(`  codes      ${count(codes)}`)
    log(`  received   ${bytes(synced.progress.bytes)} in ${seconds} s over ${used}`)
  }
  return verified ? 0 : 1
})

// Syncs a state from a bridge into headless Chromium, while it stays or while it moves, and proves
// it from what a fresh page reads back.
//
//   npm run demo -- --help
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from './chromium.mjs'
import { hearHeads } from './lib/browser/hearHeads.mjs'
import { openBrowser } from './lib/browser/openBrowser.mjs'
import { servePages } from './lib/browser/servePages.mjs'
import { watchPage } from './lib/browser/watchPage.mjs'
import { CommandError } from './lib/CommandError.mjs'
import { command, flags } from './lib/command.mjs'
import { MOVING_FLAGS, movingOptions } from './lib/movingOptions.mjs'
import { ProgressLine } from './lib/ProgressLine.mjs'
import { startBridge } from './lib/startBridge.mjs'
import { bytes, count } from './lib/text.mjs'
import { checkState, pageQuery, trustedState } from './lib/trustedState.mjs'
import { setup } from './setup.mjs'

const HELP = `Syncs a state from a bridge into headless Chromium over libp2p, stores it in
IndexedDB, and recomputes its root from what a fresh page reads back.

Usage: npm run demo -- [options]

  --state STATE    mainnet (the default), sepolia, holesky or hoodi: their genesis
                   states; or a file: a geth genesis.json or a geth state dump
  --moving         changes the state by made-up blocks while it is synced, over a
                   network that is slow until the pivot has moved in mid-sync; ends
                   when three blocks were proven after that, and storage was healed
    --blocks SECONDS   time between two blocks (default 0.75)
    --distance N       blocks between the head and the pivot (default 2)
    --max-age N        blocks that the head may be past an unfinished pivot (default 6)
    --latency MS       what a request takes longer while the network is slow
                       (default 1000)
  --transport T    webrtc (the default) or websocket
  --headed         in a visible browser
  --json           end with one line of JSON on stdout; all else goes to stderr
  --help

Exit status 0 only if the root recomputed by the fresh page is the trusted one: with
--moving, the one that the bridge told for the block that was proven last.`

/**
 * A download takes well over ten requests, one after the other, and so longer than its pivot lives:
 * 7 blocks. Once the network is fast, a heal takes less than the 4 blocks that it has, also on
 * machines that are slow.
 */
const MOVING = { blockSeconds: 0.75, distance: 2, maxAge: 6, latency: 1000 }

/** How long to wait for each, and what to say if it does not come. */
const LIMITS = {
  left: { ms: 180_000, missed: 'no pivot was left in mid-sync (a higher --latency helps)' },
  healed: { ms: 180_000, missed: 'the page has not caught up (a longer --blocks helps)' },
}

/** @typedef {import('../examples/sync/snapshot.ts').Snapshot} Snapshot */

await command(async (defer) => {
  const options = flags({
    state: { type: 'string', default: 'mainnet' },
    transport: { type: 'string', default: 'webrtc' },
    ...MOVING_FLAGS,
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
  const moving = movingOptions(options, MOVING)
  const out = options.json ? process.stderr : process.stdout
  /** @param {string} line */
  const log = (line) => void out.write(`${line}\n`)

  await setup({ log })
  const trusted = await trustedState(state)
  const { path: executable, from } = await chromium(log)
  log(`Browser   ${executable} (${from})`)
  const directory = mkdtempSync(join(tmpdir(), 'cambium-demo-'))
  defer(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }))

  const identity = join(directory, 'identity')
  const bridge = await startBridge({ state, identity, blockSeconds: moving?.blockSeconds, defer })
  const told = moving && (await hearHeads(bridge.url))
  const pages = await servePages({ bridge: bridge.url, defer })
  log(`Bridge    ${bridge.multiaddrs[transport === 'webrtc' ? 0 : 1]}`)
  log(
    moving
      ? `Trusted   blocks told by ${bridge.url}/heads, which stands in for a node of one's own`
      : `Trusted   ${trusted.stateRoot} (${trusted.name})`,
  )
  const profile = join(directory, 'profile')
  const browser = await openBrowser({ executable, profile, headed: options.headed, defer })

  const query = pageQuery(state, trusted, moving)
  const line = new ProgressLine(out)
  defer(() => line.end())
  /** @param {Snapshot} snapshot */
  const show = (snapshot) => line.show(snapshot)
  const page = await browser.newPage()
  await page.goto(`${pages}sync/?${query}&transport=${transport}&autostart`)
  if (moving) {
    await watchPage(page, ({ rounds }) => rounds.left > 0, show, LIMITS.left)
    await page.evaluate(() => {
      Object.assign(/** @type {{cambium?: object}} */ (globalThis).cambium ?? {}, { latency: 0 })
    })
    await watchPage(page, isHealed, show, LIMITS.healed)
    await page.getByRole('button', { name: 'Pause' }).click()
  }
  const synced = await watchPage(page, ({ status }) => status === 'complete', show)
  line.end()
  await page.close()

  // Without a bridge, so that all the fresh page knows comes from the disk.
  await bridge.stop()
  log('Reading it back in a fresh page, without a bridge …')
  const fresh = await browser.newPage()
  await fresh.goto(`${pages}sync/?${query}&audit`)
  const { audit, block } = await watchPage(fresh, (snapshot) => snapshot.audit !== undefined)
  if (audit === undefined || synced.progress === undefined) throw new Error('nothing was read back')

  const { root, accounts, slots, codes } = audit
  const { progress, transport: used } = synced
  const seconds = Number((progress.elapsedMs / 1000).toFixed(2))
  // The bridge told its blocks here as well, so that the page is not asked what it should have
  // found.
  const header = told?.heads.find(({ hash }) => hash === block?.hash)
  const expected = moving ? header?.stateRoot : trusted.stateRoot
  const verified = root === expected && block?.hash === synced.block?.hash
  const blocks = told?.heads.at(-1)?.number
  const { pivotMoves, healed } = progress
  if (options.json) {
    const result = { root, accounts, slots, codes, bytes: progress.bytes, seconds }
    const moved = moving && {
      ...{ moving: true, blocks, pivot: block?.number, pivotMoves },
      ...{ healedNodes: healed.nodes, healedSlots: healed.slots },
    }
    console.log(JSON.stringify({ ...result, transport: used, ...moved, verified }))
  } else {
    const name = moving ? `block ${block?.number} after ${trusted.name}` : trusted.name
    log('')
    log(verified ? `✓ Verified: ${name}` : '✗ NOT verified: the roots differ')
    log(`  root       ${root}, recomputed from IndexedDB`)
    log(`  accounts   ${count(accounts)}`)
    log(`  slots      ${count(slots)}`)
    log(`  codes      ${count(codes)}`)
    if (moving) {
      const left = `${synced.rounds.left} of these in mid-sync`
      log(`  pivot      moved ${pivotMoves} times in ${blocks} blocks, ${left}`)
      log(`  healed     ${count(healed.nodes)} nodes, which wrote ${changes(healed)}`)
    }
    log(`  received   ${bytes(progress.bytes)} in ${seconds} s over ${used}`)
  }
  return verified ? 0 : 1
})

/** @param {Snapshot} snapshot */
function isHealed({ rounds, progress }) {
  return rounds.proven >= 3 && progress !== undefined && progress.healed.slots > 0
}

/** @param {{accounts: number, slots: number}} healed */
function changes({ accounts, slots }) {
  return `${count(accounts)} accounts and ${count(slots)} slots`
}

import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { build as esbuild } from 'esbuild'
import { createServer } from 'vite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startBridge } from '../scripts/lib/startBridge.mjs'
import { NETWORKS } from '../src/chain/networks.ts'
import { APP, runApp, viteBuild } from './lib/appPage.ts'
import { BrowserFixture } from './lib/BrowserFixture.ts'
import { serveFolder } from './lib/serveFolder.ts'

const run = promisify(execFile)
const REPOSITORY = fileURLToPath(new URL('..', import.meta.url))

const fixture = new BrowserFixture()
/** A folder outside of the repository: the app, and beside it what npm would have installed. */
const app = fixture.path('app')

beforeAll(async () => {
  const packed = await run('npm', ['pack', '--json', '--pack-destination', fixture.directory], {
    cwd: REPOSITORY,
  })
  const [{ filename }] = JSON.parse(packed.stdout) as [{ filename: string }]
  const installed = join(app, 'node_modules', 'cambium')
  mkdirSync(installed, { recursive: true })
  await run('tar', ['-xzf', fixture.path(filename), '-C', installed, '--strip-components=1'])
  // Its dependencies as they are here, so no registry is asked; nothing else, and no way back to
  // the repository.
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  for (const name of Object.keys(dependencies)) {
    const options = { recursive: true, dereference: true }
    cpSync(join(REPOSITORY, 'node_modules', name), join(app, 'node_modules', name), options)
  }
  cpSync(APP, app, { recursive: true })
})
afterAll(() => fixture.end())

async function expectToWork(url: string): Promise<void> {
  const page = await fixture.newPage()
  // A store for each, so that the second cannot find what the first has stored.
  for (const query of ['?store=page', '?store=worker&worker']) {
    const { audit, trust, faults, verifier } = await runApp(page, url + query)
    expect({ root: audit.root, faults, verifier }).toEqual({
      root: trust,
      faults: [],
      verifier: 'simd',
    })
    expect(audit.accounts).toBe(300)
  }
  await page.close()
}

test('the packed package works in what `vite build` makes, on the page and in a worker', async () => {
  await viteBuild(app, fixture.path('vite'))
  await expectToWork(await serveFolder(fixture.path('vite'), fixture.defer))
})

test('the packed package works in what esbuild makes, on the page and in a worker', async () => {
  const outdir = fixture.path('esbuild')
  await esbuild({
    entryPoints: [join(app, 'main.js'), join(app, 'state.worker.js')],
    ...{ outdir, bundle: true, splitting: true, format: 'esm', logLevel: 'error' },
  })
  cpSync(join(app, 'index.html'), join(outdir, 'index.html'))
  await expectToWork(await serveFolder(outdir, fixture.defer))
})

test('the packed package works under `vite dev`, on the page and in a worker', async () => {
  const server = await createServer({
    ...{ root: app, configFile: false, logLevel: 'error', cacheDir: fixture.path('vite-cache') },
    server: { host: '127.0.0.1', port: 0, fs: { strict: false } },
  })
  await server.listen()
  fixture.defer(() => server.close())
  await expectToWork(server.resolvedUrls!.local[0]!)
})

test.each(['webrtc', 'websocket'])(
  'the packed package brings its own libp2p, and syncs from a bridge over %s',
  async (transport) => {
    await viteBuild(app, fixture.path('vite'))
    const url = await serveFolder(fixture.path('vite'), fixture.defer)
    const { hoodi } = NETWORKS
    const identity = fixture.path('identity')
    const bridge = await startBridge({ state: 'hoodi', identity, defer: fixture.defer })
    const query = new URLSearchParams({
      ...{ root: hoodi.stateRoot, chainId: String(hoodi.chainId), genesis: hoodi.genesisHash },
      store: transport,
    })
    const way = transport === 'webrtc' ? '/webrtc-direct/' : '/ws/'
    for (const each of bridge.multiaddrs) if (each.includes(way)) query.append('bridge', each)
    const page = await fixture.newPage()
    const { audit, faults } = await runApp(page, `${url}?${query}&worker`)
    expect({ root: audit.root, faults }).toEqual({ root: hoodi.stateRoot, faults: [] })
    await page.close()
    await bridge.stop()
  },
)

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium } from '../../scripts/chromium.mjs'
import { openBrowser } from '../../scripts/lib/browser/openBrowser.mjs'

/** Isolated from other origins, a page has a clock of 5 µs; else one of 100. */
const ISOLATED = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
}

/**
 * @typedef {object} Bench
 * @property {string} directory where files may be left; removed in the end
 * @property {string} profile Chromium's, on disk
 * @property {import('playwright-core').BrowserContext} browser
 * @property {() => Promise<import('playwright-core').Page>} newPage with the benchmarks in
 *   `globalThis.bench`
 */

/**
 * Bundles the page and its workers, and opens Chromium over a profile on disk.
 *
 * @param {import('../../scripts/lib/command.mjs').Defer} defer
 * @returns {Promise<Bench>}
 */
export async function openBench(defer) {
  const directory = mkdtempSync(join(tmpdir(), 'cambium-bench-'))
  defer(() => rmSync(directory, { recursive: true, force: true }))
  const page = fileURLToPath(new URL('../page', import.meta.url))
  await build({
    entryPoints: ['main', 'engine.worker', 'write.worker'].map((name) => `${page}/${name}.mjs`),
    ...{ outdir: join(directory, 'www'), outExtension: { '.js': '.mjs' } },
    ...{ bundle: true, minify: true, format: 'esm', target: 'es2022', logLevel: 'error' },
    splitting: true,
  })
  const html = '<!doctype html><title>bench</title><script type="module" src="main.mjs"></script>'
  writeFileSync(join(directory, 'www', 'index.html'), html)
  const web = createServer(({ url = '/' }, response) => {
    const name = url === '/' ? 'index.html' : url.slice(1)
    try {
      const body = readFileSync(join(directory, 'www', name))
      const type = name.endsWith('.html') ? 'text/html' : 'text/javascript'
      response.writeHead(200, { 'content-type': type, ...ISOLATED }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise((resolve) => web.listen(0, '127.0.0.1', () => resolve(undefined)))
  defer(() => web.close())
  const address = web.address()
  const port = typeof address === 'object' ? address?.port : undefined

  const { path: executable } = await chromium(console.error)
  const profile = join(directory, 'profile')
  const browser = await openBrowser({ executable, profile, headed: false, defer })
  const newPage = async () => {
    const page = await browser.newPage()
    page.on('pageerror', (error) => console.error(error))
    page.on('console', (message) => console.error(message.text()))
    await page.goto(`http://127.0.0.1:${port}/`)
    await page.waitForFunction('globalThis.bench')
    return page
  }
  return { directory, profile, browser, newPage }
}

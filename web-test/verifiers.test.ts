import { bytesToHex } from '@noble/hashes/utils.js'
import type { Page, Worker } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SnapRequest } from '../src/snap/SnapMessage.ts'
import { APP, runApp, viteBuild } from './lib/appPage.ts'
import { BrowserFixture } from './lib/BrowserFixture.ts'
import { serveFolder } from './lib/serveFolder.ts'
import { smallAnswers, syntheticState, Traffic, testBridge } from './lib/testBridge.ts'

const fixture = new BrowserFixture()
const state = syntheticState({ seed: 17, accounts: 3000, contracts: 0.1 })
const { accounts, slots, codes } = state
const root = state.network.stateRoot
let app: string

beforeAll(async () => {
  await viteBuild(APP, fixture.path('app'))
  app = await serveFolder(fixture.path('app'), fixture.defer)
})
afterAll(() => fixture.end())

/**
 * A bridge with short answers, what it is asked for, and the address of an app that syncs from it.
 */
async function serve(name: string, extra: Record<string, string>) {
  const traffic = new Traffic()
  const bridge = await testBridge(state, fixture.path(`identity-${name}`), (handler) =>
    traffic.wrap(smallAnswers(4096)(handler)),
  )
  fixture.defer(() => bridge.stop())
  const { chainId, genesisHash: genesis } = state.network
  const query = new URLSearchParams({ root, chainId: String(chainId), genesis, store: name })
  query.set('worker', '')
  for (const [key, value] of Object.entries(extra)) query.set(key, value)
  for (const address of bridge.multiaddrs) query.append('bridge', address)
  return { traffic, url: `${app}?${query}` }
}

/** Counts what each worker of a page proves for another. */
function watchProofs(page: Page): { worker: Worker; proven: () => Promise<number> }[] {
  const found: { worker: Worker; proven: () => Promise<number> }[] = []
  page.on('worker', (worker) => {
    const watching = worker.evaluate(() => {
      const { prototype } = MessagePort
      const scope = globalThis as unknown as { proven: number }
      scope.proven = 0
      const post = prototype.postMessage
      prototype.postMessage = function (this: MessagePort, message, transfer) {
        if (message?.type === 'answer' && message.verified !== undefined) scope.proven++
        post.call(this, message, transfer as StructuredSerializeOptions)
      } as typeof post
    })
    const proven = async () => {
      await watching
      return worker.evaluate(() => (globalThis as unknown as { proven: number }).proven)
    }
    found.push({ worker, proven })
  })
  return found
}

function name(request: SnapRequest): string {
  const { id: _, bytes: __, ...what } = request
  return JSON.stringify(what, (___, value) => {
    return value instanceof Uint8Array ? bytesToHex(value) : value
  })
}

function expectNothingTwice({ requests }: Traffic): void {
  const names = requests.map(name)
  expect(names.filter((it, index) => names.indexOf(it) !== index)).toEqual([])
}

test('a second worker proves what comes from a bridge, and ends with the sync', async () => {
  const { traffic, url } = await serve('two', { verifiers: '2' })
  const page = await fixture.newPage()
  const workers = watchProofs(page)
  traffic.holdAfter(60)
  const running = runApp(page, url)
  await traffic.reached(61)
  expect(workers).toHaveLength(2)
  await expect.poll(() => workers[1]!.proven()).toBeGreaterThan(10)
  expect(await workers[0]!.proven()).toBe(0)
  traffic.release()
  const { audit, faults, verifier } = await running
  expect({ audit, faults, verifier }).toEqual({
    audit: { root, accounts, slots, codes },
    faults: [],
    verifier: 'simd',
  })
  expectNothingTwice(traffic)
  await expect.poll(() => page.workers()).toEqual([])
  await page.close()
})

test('a second worker that is killed in mid-sync: one fault, and nothing is asked for again', async () => {
  const { traffic, url } = await serve('killed', { verifiers: '2' })
  const page = await fixture.newPage()
  const workers = watchProofs(page)
  traffic.holdAfter(60)
  const running = runApp(page, url)
  await traffic.reached(61)
  await expect.poll(() => workers[1]!.proven()).toBeGreaterThan(5)
  traffic.release()
  await page.evaluate(() => {
    const { workers } = globalThis as unknown as { workers: { terminate(): void }[] }
    workers[1]!.terminate()
  })
  const { audit, faults } = await running
  expect(audit).toEqual({ root, accounts, slots, codes })
  const message = 'verifier 2 is not used any more: its thread has ended'
  expect(faults).toEqual([{ code: 'VERIFIER_LOST', message }])
  expectNothingTwice(traffic)
  await page.close()
})

test('a second worker that cannot be loaded: one fault, and the first does all', async () => {
  const { traffic, url } = await serve('broken', { verifiers: '2', broken: '' })
  const page = await fixture.newPage()
  const { audit, faults } = await runApp(page, url)
  expect(audit).toEqual({ root, accounts, slots, codes })
  const message = 'verifier 2 is not used any more: its script could not be loaded'
  expect(faults).toEqual([{ code: 'VERIFIER_LOST', message }])
  expectNothingTwice(traffic)
  await page.close()
})

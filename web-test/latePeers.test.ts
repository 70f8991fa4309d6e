import { afterAll, expect, test } from 'vitest'
import { APP, runApp, viteBuild } from './lib/appPage.ts'
import { BrowserFixture } from './lib/BrowserFixture.ts'
import { serveFolder } from './lib/serveFolder.ts'

const fixture = new BrowserFixture()
afterAll(() => fixture.end())

// Chromium's renderer dies where a `ReadableStream` is asked for more after its iterator was
// returned, as it is by a peer that comes while the sync no longer asks any.
test.each(['page', 'worker'])(
  'peers that join while the state is recomputed do no harm, on the $0',
  async (thread) => {
    const outDir = fixture.path('app')
    await viteBuild(APP, outDir)
    const url = await serveFolder(outDir, fixture.defer)
    const page = await fixture.newPage()
    const query = `?restless&accounts=3000&store=${thread}${thread === 'worker' ? '&worker' : ''}`
    const { audit, trust, faults } = await runApp(page, url + query)
    expect({ root: audit.root, accounts: audit.accounts }).toEqual({ root: trust, accounts: 3000 })
    expect(faults).toEqual([])
    await page.close()
  },
)

import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { CHROMIUM_FLAGS, chromium } from './scripts/chromium.mjs'

const { path: executablePath } = await chromium(console.error)

/**
 * Playwright makes it when a browser starts, so runs without one leave nothing; the others remove
 * it, also when interrupted.
 */
const profile = join(tmpdir(), `cambium-profile-${randomUUID()}`)
process.once('exit', () => rmSync(profile, { recursive: true, force: true, maxRetries: 5 }))

export default defineConfig({
  // Tests of the bridge and of the library share one copy of every module: its source.
  resolve: {
    alias: { 'cambium/server': fileURLToPath(new URL('src/server/index.ts', import.meta.url)) },
  },
  test: {
    // Files run one after the other: timing-sensitive browser tests must not compete for two cores.
    fileParallelism: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'node',
          // The rules that geth keeps as well, where there is a geth.
          include: [
            'src/**/*.test.ts',
            'bridge/**/*.test.ts',
            'test/**/*.test.ts',
            'scripts/**/*.test.ts',
            'interop/rules.test.ts',
          ],
          testTimeout: 60_000,
        },
      },
      {
        // The same code in real Chromium, over a profile on disk.
        extends: true,
        test: {
          name: 'chromium',
          include: ['web-test/unit/**/*.test.ts'],
          testTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { executablePath, args: CHROMIUM_FLAGS },
              persistentContext: profile,
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        // Node drives Chromium: built pages, killed tabs, a real bridge.
        extends: true,
        test: {
          name: 'web',
          include: ['web-test/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
      {
        // Chromium, a bridge and a real geth. Not part of `npm test`: it needs geth, which
        // `npm run interop` installs.
        extends: true,
        test: {
          name: 'interop',
          include: ['interop/**/*.test.ts'],
          globalSetup: ['interop/lib/seed.setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})

import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import type { AuditReport } from '../../src/sync/audit/AuditReport.ts'
import type { Fault } from '../../src/sync/peers/Fault.ts'
import type { VerifierBuild } from '../../src/verifier/Verifier.ts'

/** The sources of the smallest app. */
export const APP = fileURLToPath(new URL('../pages/app', import.meta.url))

/** What came of a sync in the smallest app. */
export interface AppResult {
  trust: string
  audit: AuditReport
  faults: Fault[]
  verifier: VerifierBuild
}

interface Outcome {
  result?: AppResult
  error?: string
}

/**
 * Opens the smallest app and waits for its result, also where a development server reloads the page
 * meanwhile.
 */
export async function runApp(page: Page, url: string): Promise<AppResult> {
  await page.goto(url)
  const outcome = await page.waitForFunction(
    () => (globalThis as unknown as { outcome?: Outcome }).outcome,
  )
  const { result, error } = (await outcome.jsonValue()) as Outcome
  if (result === undefined) throw new Error(`the app ended with ${error}`)
  return result
}

/** Builds the app in `root` with Vite, as a person would who has no configuration. */
export async function viteBuild(root: string, outDir: string): Promise<void> {
  await build({
    ...{ root, base: './', logLevel: 'error', configFile: false },
    build: { outDir, emptyOutDir: true, minify: false },
    // Its default format for workers, IIFE, has no dynamic imports.
    worker: { format: 'es' },
  })
}

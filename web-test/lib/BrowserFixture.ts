import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { Chromium } from './Chromium.ts'

/**
 * What a file of browser tests stands on: a directory for it, Chromium over a profile on disk, and
 * an orderly end.
 */
export class BrowserFixture {
  readonly directory: string
  readonly #undos: (() => unknown)[] = []
  #chromium: Chromium | undefined

  constructor() {
    this.directory = mkdtempSync(join(tmpdir(), 'cambium-web-'))
    this.defer(() => rmSync(this.directory, { recursive: true, force: true, maxRetries: 5 }))
  }

  /** Undone at the end, the last first. */
  readonly defer = (undo: () => unknown): void => {
    this.#undos.push(undo)
  }

  path(name: string): string {
    return join(this.directory, name)
  }

  /** The one Chromium of this file; a killed one is followed by another over the same profile. */
  async chromium(): Promise<Chromium> {
    if (this.#chromium === undefined) {
      this.#chromium = await Chromium.open(this.path('profile'))
      this.defer(() => this.killChromium())
    }
    return this.#chromium
  }

  async newPage(): Promise<Page> {
    return (await this.chromium()).newPage()
  }

  async killChromium(): Promise<void> {
    const killed = this.#chromium
    this.#chromium = undefined
    await killed?.kill()
  }

  async end(): Promise<void> {
    for (let undo = this.#undos.pop(); undo; undo = this.#undos.pop()) await undo()
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { type BrowserContext, chromium as driver, type Page } from 'playwright-core'
import { CHROMIUM_FLAGS, chromium } from '../../scripts/chromium.mjs'

/**
 * Chromium as a process of the test's own, so that it can be killed like any other. Playwright only
 * talks to it: what it starts itself, it also closes in an orderly way.
 */
export class Chromium {
  readonly context: BrowserContext
  readonly #process: ChildProcess
  readonly #exited: Promise<unknown>

  private constructor(context: BrowserContext, process: ChildProcess) {
    this.context = context
    this.#process = process
    // Not `exit`, which tells of the browser alone: its other processes hold files of the profile
    // until they end.
    this.#exited = once(process, 'close')
  }

  /** @param profile directory of what pages store; it outlives the process */
  static async open(profile: string): Promise<Chromium> {
    const { path } = await chromium()
    const flags = ['--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`]
    // A group of its own: the renderers are killed with the browser.
    const child = spawn(path, [...CHROMIUM_FLAGS, ...flags, 'about:blank'], {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const endpoint = await new Promise<string>((resolve, reject) => {
      let output = ''
      child.stderr.setEncoding('utf8').on('data', (text) => {
        output = (output + text).slice(-10_000)
        const found = /DevTools listening on (ws:\S+)/.exec(output)?.[1]
        if (found !== undefined) resolve(found)
      })
      child.once('exit', () => reject(new Error(`Chromium did not start: ${output}`)))
    })
    const browser = await driver.connectOverCDP(endpoint)
    return new Chromium(browser.contexts()[0]!, child)
  }

  newPage(): Promise<Page> {
    return this.context.newPage()
  }

  /** As the system does it when memory runs out: no page hears of it. */
  async kill(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      process.kill(-this.#process.pid!, 'SIGKILL')
    }
    await this.#exited
  }
}

/** Kills the renderer of a page, with all workers of it, and closes what is left. */
export async function crash(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const crashed = page.waitForEvent('crash')
  // Nobody is left to answer.
  void session.send('Page.crash').catch(() => {})
  await crashed
  await page.close()
}

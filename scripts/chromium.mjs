/**
 * Finds a Chromium to test in, or installs one: an installed one, then Playwright's, then
 * Playwright's download, then the system's package manager.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { installPackage } from './lib/installPackage.mjs'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']
const PLACES = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
]

/**
 * Flags for every run: tests reach loopback addresses only, so Chromium's own background traffic is
 * switched off.
 */
export const CHROMIUM_FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  // Two pages of one test run side by side; the one in the background must not be slowed down.
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
  // A container's /dev/shm is often 64 MB, less than one tab uses in a sync.
  '--disable-dev-shm-usage',
  // Chromium refuses its sandbox to root, which is who runs tests in a container.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
]

function installed() {
  const wanted = process.env.CHROMIUM_PATH
  if (wanted !== undefined) {
    if (!existsSync(wanted)) throw new Error(`CHROMIUM_PATH names no file: ${wanted}`)
    return { path: wanted, from: 'CHROMIUM_PATH' }
  }
  for (const directory of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of NAMES) {
      const path = join(directory, name)
      if (existsSync(path)) return { path, from: 'installed' }
    }
  }
  const path = PLACES.find((place) => existsSync(place))
  return path === undefined ? undefined : { path, from: 'installed' }
}

async function playwrights() {
  const { chromium } = await import('playwright-core')
  const path = chromium.executablePath()
  return existsSync(path) ? { path, from: "Playwright's" } : undefined
}

/** @param {(line: string) => void} log */
function packaged(log) {
  const packages = {
    ...{ 'apt-get': ['chromium'], dnf: ['chromium'], apk: ['chromium'], pacman: ['chromium'] },
    brew: ['--cask', 'chromium'],
  }
  return installPackage({ what: 'Chromium', packages, find: installed, log })
}

/**
 * @param {(line: string) => void} log receives one line per step that takes time
 * @returns {Promise<{path: string, from: string}>} the executable, and in words where it came from
 * @throws {Error} when there is none and none can be installed
 */
export async function chromium(log = (_line) => {}) {
  const found = installed() ?? (await playwrights())
  if (found) return found
  log('no Chromium on this machine: asking Playwright for one')
  try {
    const cli = join('node_modules', 'playwright-core', 'cli.js')
    execFileSync(process.execPath, [cli, 'install', 'chromium'], {
      stdio: 'ignore',
      timeout: 300_000,
    })
  } catch {
    log("Playwright's download failed")
  }
  const now = (await playwrights()) ?? packaged(log)
  if (now) return now
  throw new Error(
    'No Chromium found and none could be installed: install one, or set CHROMIUM_PATH to it.',
  )
}

import { CHROMIUM_FLAGS } from '../../chromium.mjs'

/**
 * Opens Chromium over a profile on disk, so that what pages store there outlives them.
 *
 * @param {object} options
 * @param {string} options.executable
 * @param {string} options.profile directory
 * @param {boolean} options.headed
 * @param {import('../command.mjs').Defer} options.defer
 */
export async function openBrowser({ executable, profile, headed, defer }) {
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launchPersistentContext(profile, {
    executablePath: executable,
    headless: !headed,
    args: CHROMIUM_FLAGS,
    // The command ends the browser itself, after the pages and before the profile is removed.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
  defer(() => browser.close())
  return browser
}

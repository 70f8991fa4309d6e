import { spawnSync } from 'node:child_process'

/**
 * Asks the system's package managers for a program, the first that is there, until one brings it.
 *
 * @template Found
 * @param {object} options
 * @param {string} options.what is installed, for the person who waits
 * @param {Record<string, string[]>} options.packages manager → what it calls the program:
 *   `{'apt-get': ['chromium']}`
 * @param {() => Found | undefined} options.find looks for the program
 * @param {(line: string) => void} options.log receives one line per step that takes time
 * @param {NodeJS.ProcessEnv} [options.env]
 * @returns {(Found & {from: string}) | undefined} what was found, and in words where it came from
 */
export function installPackage({ what, packages, find, log, env = process.env }) {
  const root = process.getuid?.() === 0 ? [] : ['sudo', '-n']
  for (const [manager, names] of Object.entries(packages)) {
    if (spawnSync(manager, ['--version'], { stdio: 'ignore', env }).error) continue
    log(`installing ${what} with ${manager}`)
    for (const step of STEPS[manager] ?? []) {
      const [command = manager, ...args] = [...(manager === 'brew' ? [] : root), manager, ...step]
      const packaged = step[0] === 'update' ? args : [...args, ...names]
      const done = spawnSync(command, packaged, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
      })
      if (done.status !== 0) log(`${manager} ${step[0]} failed`)
    }
    const found = find()
    if (found) return { ...found, from: `installed by ${manager}` }
  }
  return undefined
}

/**
 * What each manager is told, before the names of the packages.
 *
 * @type {Record<string, string[][]>}
 */
const STEPS = {
  'apt-get': [['update'], ['install', '-y', '--no-install-recommends']],
  dnf: [['install', '-y']],
  apk: [['add']],
  pacman: [['-Sy', '--noconfirm']],
  brew: [['install']],
}

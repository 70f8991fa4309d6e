import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CommandError } from './CommandError.mjs'
import { installPackage } from './installPackage.mjs'

/**
 * What is installed, and what an installed one must be at least: earlier ones speak versions of eth
 * that have ended.
 */
const VERSION = '1.17.5'
const OLDEST = [1, 17]

/** Go fetches the release that a module needs by itself from this one on. */
const OLDEST_GO = [1, 21]

const MODULE = `github.com/ethereum/go-ethereum/cmd/geth@v${VERSION}`
const PLACE = fileURLToPath(new URL('../../build/geth', import.meta.url))

/** Where Go's own archive puts it, which is on no path until somebody adds it. */
const GO_PLACES = ['/usr/local/go/bin/go']

/** Some two minutes on two cores, after some hundred megabytes of sources. */
const BUILD_LIMIT_MS = 30 * 60_000

const PACKAGES = {
  'apt-get': ['golang-go'],
  dnf: ['golang'],
  apk: ['go'],
  pacman: ['go'],
  brew: ['go'],
}

/**
 * Finds a geth to test with, or installs one: the one of `GETH_PATH`, one on the path, the
 * project's own; else it is built by its module path with the Go toolchain, which the system's
 * package manager installs where it is missing.
 *
 * @param {object} [options]
 * @param {(line: string) => void} [options.log] receives one line per step that takes time
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {string} [options.place] where the project has its own
 * @param {string[]} [options.goPlaces] where Go may be besides the path
 * @returns {{path: string, version: string, from: string}} the executable, its version as it tells
 *   it (`1.17.5-stable`), and in words where it came from
 * @throws {CommandError} when there is none and none can be installed
 */
export function geth({
  log = () => {},
  env = process.env,
  place = PLACE,
  goPlaces = GO_PLACES,
} = {}) {
  const found = findGeth({ log, env, place })
  if (found) return found
  const own = join(place, VERSION)
  const go = goToolchain(env, goPlaces, log)
  log(`building geth ${VERSION} with ${go.version}, which takes some minutes`)
  mkdirSync(own, { recursive: true })
  const { status, stderr } = spawnSync(go.path, ['install', MODULE], {
    env: { ...env, GOBIN: own, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'auto' },
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: BUILD_LIMIT_MS,
  })
  const built = status === 0 ? checked(join(own, 'geth'), `built with ${go.version}`) : undefined
  if (built) return built
  const words = stderr?.trim().split('\n').at(-1) || `go ended with status ${status}`
  throw new CommandError(`geth ${VERSION} could not be built: ${words}; ${ADVICE}`)
}

/**
 * Finds a geth as {@link geth} does, and installs none.
 *
 * @param {object} [options]
 * @param {(line: string) => void} [options.log]
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {string} [options.place]
 * @throws {CommandError} when `GETH_PATH` names none
 */
export function findGeth({ log = () => {}, env = process.env, place = PLACE } = {}) {
  return installed(env, log) ?? checked(join(place, VERSION, 'geth'), "the project's own")
}

const ADVICE = `install geth ${OLDEST.join('.')} or newer, or set GETH_PATH to it`

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {(line: string) => void} log
 */
function installed(env, log) {
  const wanted = env.GETH_PATH
  if (wanted !== undefined) {
    const found = checked(wanted, 'GETH_PATH')
    if (found) return found
    const what = existsSync(wanted) ? `no geth ${OLDEST.join('.')} or newer` : 'no file'
    throw new CommandError(`GETH_PATH names ${what}: ${wanted}`)
  }
  for (const path of onPath('geth', env)) {
    const found = checked(path, 'installed')
    if (found) return found
    log(`${path} is no geth ${OLDEST.join('.')} or newer`)
  }
  return undefined
}

/**
 * @param {string} path
 * @param {string} from
 */
function checked(path, from) {
  const { stdout } = spawnSync(path, ['version'], { encoding: 'utf8' })
  const version = /^Version: (\S+)/m.exec(stdout ?? '')?.[1]
  return version !== undefined && isAtLeast(version, OLDEST) ? { path, version, from } : undefined
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} places
 * @param {(line: string) => void} log
 */
function goToolchain(env, places, log) {
  const find = () => findGo(env, places)
  const go = find() ?? installPackage({ what: 'Go', packages: PACKAGES, find, log, env })
  if (go === undefined) {
    throw new CommandError(`no geth and no Go to build it with (https://go.dev/dl): ${ADVICE}`)
  }
  if (!isAtLeast(go.version.replace(/^go/, ''), OLDEST_GO)) {
    const oldest = OLDEST_GO.join('.')
    throw new CommandError(`${go.version} is too old to build geth, it takes ${oldest}: ${ADVICE}`)
  }
  return go
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} places
 */
function findGo(env, places) {
  for (const path of [...onPath('go', env), ...places]) {
    const { stdout, status } = spawnSync(path, ['env', 'GOVERSION'], { encoding: 'utf8', env })
    if (status === 0) return { path, version: stdout.trim() }
  }
  return undefined
}

/**
 * @param {string} name
 * @param {NodeJS.ProcessEnv} env
 */
function onPath(name, { PATH = '' }) {
  return PATH.split(delimiter)
    .map((directory) => join(directory, name))
    .filter((path) => existsSync(path))
}

/**
 * @param {string} version `1.17.5-stable`
 * @param {number[]} oldest major and minor
 */
function isAtLeast(version, [major = 0, minor = 0]) {
  const [a = 0, b = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  return a > major || (a === major && b >= minor)
}

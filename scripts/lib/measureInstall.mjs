import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * @typedef {object} Footprint what an installation brought
 * @property {number} packages
 * @property {number} MB on disk, in blocks of 4 KiB, as a file system keeps them
 * @property {boolean} reactNative whether a package has that in its name
 * @property {number} installScripts packages that run one
 */

const BLOCK_BYTES = 4096

/**
 * Measures the `node_modules` that npm made.
 *
 * @param {string} folder that holds it
 * @returns {Footprint & {largest: [name: string, MB: number][]}} `largest`: the five largest
 *   packages
 */
export function measureInstall(folder) {
  const modules = join(folder, 'node_modules')
  /** @type {{packages: Record<string, {hasInstallScript?: boolean}>}} */
  const { packages } = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8'))
  const paths = Object.keys(packages)
  const sizes = paths.map((path) => /** @type {const} */ ([path, diskBytes(join(folder, path))]))
  return {
    packages: paths.length,
    MB: megabytes(diskBytes(modules)),
    reactNative: paths.some((path) => path.includes('react-native')),
    installScripts: Object.values(packages).filter((each) => each.hasInstallScript).length,
    largest: sizes
      .sort(([, a], [, b]) => b - a)
      .slice(0, 5)
      .map(([path, size]) => [path.replace(/^node_modules\//, ''), megabytes(size)]),
  }
}

/** @param {number} bytes */
function megabytes(bytes) {
  return Math.round(bytes / 1e5) / 10
}

/** @param {string} path @returns {number} bytes in blocks of all files in it */
function diskBytes(path) {
  const { size } = lstatSync(path)
  const own = Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES
  if (!lstatSync(path).isDirectory()) return own
  return readdirSync(path).reduce((sum, name) => sum + diskBytes(join(path, name)), own)
}

// Makes a checkout ready to run: dependencies, wasm, library, example pages. Does only what is out
// of date, and needs nothing but Node and npm, so it must not import a dependency.
//
//   npm run setup
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleVendors } from './lib/bundleVendors.mjs'
import { CommandError } from './lib/CommandError.mjs'
import { command } from './lib/command.mjs'
import { npm, tool } from './lib/npm.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const BIN = join(ROOT, 'node_modules')

/**
 * @typedef {object} Step
 * @property {string} does what takes the time, for the person who waits
 * @property {string[]} inputs files and folders that the output depends on
 * @property {string} output a file that is there when the step was done
 * @property {() => Promise<unknown>} run
 */

/** @type {Step[]} */
const STEPS = [
  {
    does: 'compiling asm/ to wasm',
    inputs: ['asm', 'scripts/build-asm.mjs'],
    output: 'src/verifier/wasm/generated/simd.ts',
    run: () => tool(['scripts/build-asm.mjs'], ROOT),
  },
  {
    does: 'compiling the library',
    inputs: [
      ...['src', 'tsconfig.json', 'tsconfig.build.json', 'package.json'],
      'scripts/lib/bundleVendors.mjs',
    ],
    output: 'dist/index.js',
    run: () => compile({ folder: '.', platform: 'browser', into: /^dist\/libp2p\// }),
  },
  {
    does: 'compiling the bridge',
    inputs: ['bridge/src', 'bridge/tsconfig.build.json', 'bridge/package.json'],
    output: 'bridge/dist/index.js',
    run: () =>
      compile({
        folder: 'bridge',
        platform: 'node',
        into: /^dist\/(bridgeNode|identity\/certificate)\.js$/,
      }),
  },
  {
    does: 'building the example pages',
    inputs: ['examples'],
    output: 'build/examples/sync/index.html',
    run: () =>
      tool(
        [join(BIN, 'vite', 'bin', 'vite.js'), 'build', '--config', 'examples/vite.config.ts'],
        ROOT,
      ),
  },
]

/**
 * Brings dependencies, wasm, library and example pages up to date.
 *
 * @param {object} [options]
 * @param {(line: string) => void} [options.log] receives one line per step that takes time
 * @throws {CommandError} when a step fails; its output went to `log`
 */
export async function setup({ log = () => {} } = {}) {
  if (!dependenciesInstalled()) await installDependencies(log)
  // Each step builds on the ones before it, so its fingerprint contains theirs.
  let fingerprint = hash([readFileSync(join(ROOT, 'package-lock.json'))])
  for (const step of STEPS) {
    fingerprint = hash([fingerprint, ...step.inputs.flatMap(contents)])
    const stamp = join(ROOT, 'build', 'setup', step.does.replaceAll(/\W+/g, '-'))
    const done = existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint
    if (done && existsSync(join(ROOT, step.output))) continue
    log(step.does)
    // A step that fails may leave half of its output, which an older stamp must not call done.
    rmSync(stamp, { force: true })
    await explained(step.does, log, step.run)
    mkdirSync(dirname(stamp), { recursive: true })
    writeFileSync(stamp, fingerprint)
  }
}

/**
 * @param {object} options
 * @param {string} options.folder of a package
 * @param {'browser' | 'node'} options.platform where it runs
 * @param {RegExp} options.into the compiled modules that take parts of other packages with them
 */
async function compile({ folder, platform, into }) {
  // Modules that are gone from the source must be gone from the package.
  rmSync(join(ROOT, folder, 'dist'), { recursive: true, force: true })
  const config = join(folder, 'tsconfig.build.json')
  await tool([join(BIN, 'typescript', 'bin', 'tsc'), '-p', config], ROOT)
  await bundleVendors({ folder: join(ROOT, folder), platform, into })
}

/**
 * Whether every package of the lockfile is installed in its version. Files' times say nothing: git
 * changes them.
 */
function dependenciesInstalled() {
  const installed = join(BIN, '.package-lock.json')
  if (!existsSync(installed)) return false
  const has = packagesIn(installed)
  return Object.entries(packagesIn(join(ROOT, 'package-lock.json'))).every(
    ([path, { version, optional, peer }]) =>
      path === '' || optional || peer || (path in has && has[path]?.version === version),
  )
}

/**
 * @param {string} lockfile
 * @returns {Record<string, {version?: string, optional?: boolean, peer?: boolean}>}
 */
function packagesIn(lockfile) {
  return JSON.parse(readFileSync(lockfile, 'utf8')).packages
}

/** @param {(line: string) => void} log */
async function installDependencies(log) {
  const flags = ['--no-audit', '--no-fund', '--loglevel=error']
  log('installing dependencies (npm ci)')
  try {
    await npm(['ci', ...flags], ROOT)
  } catch {
    // `npm ci` wants the binaries of every platform in the lockfile, and npm leaves some out when
    // it writes it (npm/cli#4828). `npm install` takes the same versions and fills in what is
    // missing.
    log('npm ci refuses the lockfile, so: npm install')
    await explained('npm install', log, () => npm(['install', '--no-save', ...flags], ROOT))
  }
}

/**
 * Runs a step; where it fails, what it printed goes to `log`.
 *
 * @param {string} does
 * @param {(line: string) => void} log
 * @param {() => Promise<unknown>} run
 */
async function explained(does, log, run) {
  try {
    await run()
  } catch (cause) {
    log(/** @type {Error} */ (cause).message)
    throw new CommandError(`${does} failed`, { cause })
  }
}

/**
 * @param {string} path a file or a folder of the checkout; generated sources count by what they
 *   come from
 * @returns {(string | Buffer)[]} names and contents of all files in it
 */
function contents(path) {
  const full = join(ROOT, path)
  if (path === 'src/verifier/wasm/generated' || !existsSync(full)) return []
  if (!statSync(full).isDirectory()) return [path, readFileSync(full)]
  return readdirSync(full)
    .sort()
    .flatMap((name) => contents(`${path}/${name}`))
}

/** @param {(string | Buffer)[]} parts */
function hash(parts) {
  const sum = createHash('sha256')
  for (const part of parts) sum.update(`${part.length} `).update(part)
  return sum.digest('hex')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await command(async () => {
    await setup({ log: console.error })
    return 0
  })
}

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, sep } from 'node:path'

/** Where the licences of all bundled packages are told, in a package's `dist`. */
const LICENSES = 'THIRD-PARTY-LICENSES.txt'

/** https://opensource.org/license/mit */
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and
associated documentation files (the "Software"), to deal in the Software without restriction,
including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense,
and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so,
subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial
portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT
LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN
NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY,
WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE
SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`

/**
 * Bundles into a compiled package what its modules import and its `package.json` does not depend
 * on. Its own modules stay as they are: only those with such an import are written again. What
 * several of them use goes to `dist/vendor/`.
 *
 * @param {object} options
 * @param {string} options.folder the package: holds `package.json` and the compiled `dist`
 * @param {'browser' | 'node'} options.platform for which builds of the packages to take
 * @param {RegExp} options.into paths of the modules that may have such imports
 * @throws {Error} when another module has one
 */
export async function bundleVendors({ folder, platform, into }) {
  // Here and not at import: `npm run setup` must start without a dependency.
  const { build } = await import('esbuild')
  const dist = join(folder, 'dist')
  const { dependencies } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const installed = (/** @type {string} */ path) =>
    isBuiltin(path) || packageName(path) in dependencies
  const modules = await importsOf(folder, modulesIn(dist))
  const isMissing = (/** @type {string} */ path) => !path.startsWith('.') && !installed(path)
  const entryPoints = [...modules.keys()].filter((file) => modules.get(file)?.some(isMissing))
  for (const file of entryPoints) {
    if (into.test(file)) continue
    const missing = modules.get(file)?.filter(isMissing)
    throw new Error(`${file} imports ${missing?.join(', ')}, which the package does not depend on`)
  }
  const { metafile } = await build({
    ...{ entryPoints, platform, absWorkingDir: folder, outbase: dist, outdir: dist },
    // Modules of today before those of `require`, which esbuild prefers for Node.
    ...(platform === 'node' && { mainFields: ['module', 'main'] }),
    // Shared chunks run before the modules that import them, and decorators in Node need
    // `reflect-metadata` before.
    splitting: platform === 'browser',
    ...{ bundle: true, format: 'esm', target: 'es2022', allowOverwrite: true },
    ...{ chunkNames: 'vendor/[hash]', legalComments: 'none', metafile: true, logLevel: 'error' },
    plugins: [
      {
        name: 'leave own modules and dependencies where they are',
        setup({ onResolve }) {
          onResolve({ filter: /.*/ }, ({ kind, path, importer }) => {
            if (kind === 'entry-point') return undefined
            const own = path.startsWith('.') && !isInstalled(importer)
            return own || installed(path) ? { path, external: true } : undefined
          })
        },
      },
    ],
  })
  for (const output of Object.keys(metafile.outputs)) {
    const file = join(folder, output)
    // Imports for the order alone. The package has no side effects, so bundlers leave them out, and
    // esbuild warns of each.
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(/^import "\.[^"]*";\n/gm, ''))
  }
  const inputs = Object.keys(metafile.inputs).map((file) => join(folder, file))
  writeFileSync(join(dist, LICENSES), licenses(inputs.filter(isInstalled)))
}

/** @param {string} path of an import: `@libp2p/crypto/keys` → `@libp2p/crypto` */
export function packageName(path) {
  return path.split('/', path.startsWith('@') ? 2 : 1).join('/')
}

/**
 * @param {string} folder that holds them
 * @param {string[]} files paths of compiled modules, from there
 * @returns {Promise<Map<string, string[]>>} file → what it imports, as it says
 */
export async function importsOf(folder, files) {
  const { build } = await import('esbuild')
  const { metafile } = await build({
    ...{ entryPoints: files, absWorkingDir: folder, outdir: folder, write: false },
    ...{ bundle: true, format: 'esm', metafile: true, logLevel: 'error' },
    plugins: [
      {
        name: 'only look',
        setup({ onResolve }) {
          onResolve({ filter: /.*/ }, ({ kind, path }) =>
            kind === 'entry-point' ? undefined : { path, external: true },
          )
        },
      },
    ],
  })
  return new Map(
    Object.entries(metafile.inputs).map(([file, { imports }]) => [
      file,
      imports.map(({ path }) => path),
    ]),
  )
}

/** @param {string} folder @returns {string[]} paths of all JavaScript files in it */
function modulesIn(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.js'))
    .map(({ parentPath, name }) => join(parentPath, name))
    .sort()
}

/** @param {string} file */
function isInstalled(file) {
  return file.includes(`${sep}node_modules${sep}`)
}

/**
 * @param {string[]} files bundled ones @returns name, version and licence of each package that they
 *   come from
 */
function licenses(files) {
  const folders = new Set(files.map(packageFolder))
  const line = `\n\n${'-'.repeat(80)}\n\n`
  return `This package contains parts of the following ones.${line}${[...folders].map(licenseOf).sort().join(line)}\n`
}

/** @param {string} folder of a package */
function licenseOf(folder) {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const { name, version, license, homepage } = manifest
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').trim())
  // libp2p's packages name their licences and carry no text, or one that only points to others.
  if (!texts.some((text) => /permission|redistribution|apache license/i.test(text))) {
    if (!/\bMIT\b/.test(license)) throw new Error(`${name} carries no licence: ${license}`)
    texts.push(`Copyright (c) the authors of ${name}, ${homepage}`, MIT)
  }
  return [`${name} ${version} (${license})`, ...texts].join('\n\n')
}

/** @param {string} file @returns the folder of the package that it belongs to */
function packageFolder(file) {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    // Some packages have a second one in a subfolder that only tells the type of modules.
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name) return folder
  }
}

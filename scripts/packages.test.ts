import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import { importsOf, packageName } from './lib/bundleVendors.mjs'
import { npm } from './lib/npm.mjs'
import { setup } from './setup.mjs'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The bridge and what is at the root. */
const BOTH = ['--workspaces', '--include-workspace-root']

interface Packed {
  name: string
  files: { path: string }[]
}

interface Manifest {
  name: string
  dependencies: Record<string, string>
}

/**
 * What npm would publish of each package: its files, and what the modules and declarations among
 * them import.
 */
const packages = new Map<string, { files: string[]; imports: Map<string, string[]> }>()

beforeAll(async () => {
  await setup()
  const output = await npm(['pack', '--dry-run', '--json', '--ignore-scripts', ...BOTH], ROOT)
  for (const { name, files } of JSON.parse(output) as Packed[]) {
    const paths = files.map(({ path }) => path)
    const modules = paths.filter((path) => path.endsWith('.js'))
    const imports = await importsOf(folderOf(name), modules)
    for (const path of paths.filter((path) => path.endsWith('.d.ts'))) {
      imports.set(path, declaredImports(readFileSync(join(folderOf(name), path), 'utf8')))
    }
    packages.set(name, { files: paths, imports })
  }
})

function folderOf(name: string): string {
  return name === 'cambium' ? ROOT : join(ROOT, 'bridge')
}

function manifest(name: string): Manifest {
  return JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8'))
}

/** What a declaration file imports, as tsc writes it. */
function declaredImports(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, '')
  const forms = [/\bfrom\s*['"]([^'"\n]+)['"]/g, /\bimport\(?\s*['"]([^'"\n]+)['"]/g]
  return forms.flatMap((form) => [...code.matchAll(form)].map(([, path]) => path!))
}

/** Imports of a package's code that nobody could resolve who installed only that package. */
function unresolved(name: string): string[] {
  const { files, imports } = packages.get(name)!
  const { dependencies } = manifest(name)
  const inNode = name === 'cambium-bridge'
  return [...imports].flatMap(([path, targets]) =>
    targets
      .filter((target) => {
        // tsc leaves `.ts` in declarations, where it means the declarations of that file.
        const file = path.endsWith('.d.ts') ? target.replace(/(?<!\.d)\.ts$/, '.d.ts') : target
        if (file.startsWith('.')) return !files.includes(join(dirname(path), file))
        if (isBuiltin(target)) return !inNode
        return !(packageName(target) in dependencies)
      })
      .map((target) => `${path}: ${target}`),
  )
}

describe('the imports of a declaration', () => {
  it('are found in all their forms', () => {
    const text = `import type { A } from 'one'
import 'two';
/** import { B } from 'no' */
export * from "./three.ts"
export {
  type C,
} from 'four'
export type D = import('five').E`
    expect(declaredImports(text).sort()).toEqual(['./three.ts', 'five', 'four', 'one', 'two'])
  })
})

describe.each(['cambium', 'cambium-bridge'])('the tarball of %s', (name) => {
  it('imports only its own files and its dependencies', () => {
    const { imports } = packages.get(name)!
    expect([...imports.values()].flat().length).toBeGreaterThan(300)
    expect(unresolved(name)).toEqual([])
  })

  it('holds no test code, no fixture and no source', () => {
    const { files, imports } = packages.get(name)!
    const strange = files.filter(
      (path) =>
        !/^(dist\/|package\.json$|README\.md$|LICENSE$|CHANGELOG\.md$)/.test(path) ||
        /fixture|simulation|scenario|suite|\.test\.|(^|\/)(test|support|rules)\//i.test(path) ||
        /(?<!\.d)\.ts$/.test(path),
    )
    expect(strange).toEqual([])
    const tests = [...imports].filter(([, targets]) => targets.includes('vitest'))
    expect(tests.map(([path]) => path)).toEqual([])
  })

  it('tells the licences of what is bundled in it', () => {
    const { files } = packages.get(name)!
    expect(files).toEqual(expect.arrayContaining(['LICENSE', 'dist/THIRD-PARTY-LICENSES.txt']))
    const told = readFileSync(join(folderOf(name), 'dist/THIRD-PARTY-LICENSES.txt'), 'utf8')
    const [, ...licenses] = told.split(/^-{80}$/m)
    expect(licenses.length).toBeGreaterThan(30)
    const names = licenses.map((text) => /^(\S+) \d+\.\S+ \(.*(?:MIT|Apache|BSD)/m.exec(text)?.[1])
    expect(names).toEqual(
      expect.arrayContaining(['@libp2p/webrtc', 'uint8arrays', 'protons-runtime']),
    )
    // All of them are told with the words of a licence.
    expect(names).not.toContain(undefined)
    const unsaid = licenses.filter(
      (text) => !/permission|redistribution|apache license/i.test(text),
    )
    expect(unsaid).toEqual([])
  })
})

describe('cambium-bridge', () => {
  it('depends on the cambium of its own release', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const bridge = JSON.parse(readFileSync(join(ROOT, 'bridge/package.json'), 'utf8'))
    expect([bridge.version, bridge.dependencies.cambium]).toEqual([version, version])
  })

  it('asks for the same versions as the library does', () => {
    const root = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
    const bridge = JSON.parse(readFileSync(join(ROOT, 'bridge/package.json'), 'utf8'))
    const here: Record<string, string> = { ...root.dependencies, ...root.devDependencies }
    const there: Record<string, string> = { ...bridge.dependencies, ...bridge.devDependencies }
    const different = Object.keys(there).filter(
      (each) => each !== 'cambium' && each in here && here[each] !== there[each],
    )
    expect(different).toEqual([])
  })
})

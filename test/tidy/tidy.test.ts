import { posix } from 'node:path'
import { describe, expect, it } from 'vitest'
import { comments, files, imports, isTest, type Prose, paragraphs, read } from './sources.ts'

/**
 * The folders of `src`, lowest first: each knows only those before it. Docs: docs/architecture.md,
 * "Layers".
 */
const LAYERS = [
  ...['base', 'chain', 'pipes', 'leaves', 'rlp', 'account', 'trie', 'store', 'verifier', 'reads'],
  ...['served', 'snap', 'sync', 'engine', 'trust', 'client', 'libp2p', 'testing', 'server'],
]

/** The same for the folders of `src/sync`; `Syncer.ts` stands above them. */
const SYNC_LAYERS = [
  ...['peers', 'journal', 'progress', 'loop', 'audit', 'follow', 'download', 'heal'],
]

const MAX_LINES = 350
/** A test file holds all cases of one unit. */
const MAX_TEST_LINES = 600
const MAX_FILES = 20
const MAX_WIDTH = 100

const code = files.filter((path) => /\.(ts|mjs)$/.test(path))
const shipped = code.filter((path) => /^(src|bridge\/src)\//.test(path) && !isTest(path))

/** Imports from one folder into one that comes later in the list. */
function upward(root: string, layers: readonly string[]): string[] {
  const layerOf = (path: string) => {
    const [folder, ...below] = path.slice(root.length).split('/')
    return path.startsWith(root) && below.length > 0 ? layers.indexOf(folder!) : undefined
  }
  return shipped.flatMap((path) => {
    const from = layerOf(path)
    if (from === undefined) return []
    return imports(path)
      .filter((target) => (layerOf(target) ?? -1) > from)
      .map((target) => `${path} imports ${target}`)
  })
}

/** Chains of imports that end where they begin. */
function circles(): string[] {
  const found: string[] = []
  const done = new Set<string>()
  const visit = (path: string, above: readonly string[]) => {
    if (above.includes(path)) found.push([...above.slice(above.indexOf(path)), path].join(' → '))
    if (done.has(path) || above.includes(path) || !code.includes(path)) return
    for (const target of imports(path)) visit(target, [...above, path])
    done.add(path)
  }
  for (const path of code) visit(path, [])
  return found
}

describe('the tree', () => {
  it('has only folders that the order of the layers names', () => {
    const inSource = shipped.filter((path) => path.startsWith('src/'))
    const folders = new Set(inSource.map((path) => path.split('/').slice(1, -1)[0]))
    folders.delete(undefined)
    expect([...folders].filter((folder) => !LAYERS.includes(folder!))).toEqual([])
  })

  it('has no import that runs up', () => {
    expect(upward('src/', LAYERS)).toEqual([])
    expect(upward('src/sync/', SYNC_LAYERS)).toEqual([])
  })

  it('has no circle of imports', () => {
    expect(circles()).toEqual([])
  })

  it('keeps test machinery out of src', () => {
    const astray = shipped.flatMap((path) => {
      const wrong = imports(path).filter((target) => {
        return /^(test|web-test|interop|scripts|bench|vitest)(\/|$)/.test(target) || isTest(target)
      })
      return wrong.map((target) => `${path} imports ${target}`)
    })
    expect(astray).toEqual([])
  })

  it(`has at most ${MAX_FILES} files in a folder`, () => {
    const counts = new Map<string, number>()
    for (const folder of files.map(posix.dirname)) counts.set(folder, (counts.get(folder) ?? 0) + 1)
    counts.delete('.')
    expect([...counts].filter(([, count]) => count > MAX_FILES)).toEqual([])
  })

  it(`has at most ${MAX_LINES} lines in a file`, () => {
    const long = code
      .map((path) => [path, read(path).split('\n').length - 1] as const)
      .filter(([path, lines]) => lines > (isTest(path) ? MAX_TEST_LINES : MAX_LINES))
    expect(long.map(([path, lines]) => `${path}: ${lines}`)).toEqual([])
  })
})

/** What house style does not say, and what to write instead. */
const BANNED: readonly [pattern: RegExp, instead: string][] = [
  [/\bin vain\b/i, 'say what happens'],
  [/\b(goes|go|going|went) on\b/i, 'continues; or name what runs'],
  [/\b(gives|give|gave) way\b/i, 'name what closes or yields'],
  [/\bof which\b/i, 'split the sentence'],
  [/\bnobody's\b/i, 'name the thing'],
  [/\b(whoever|whatever|whomever)\b/i, 'name the thing'],
  [/(^|[.:;(—] )Who [a-z]+s\b/, 'name the one that acts'],
  [/\bfor who\b/i, 'name the caller'],
  [/\b(to|by|of|from|with) (who|whom)\b/i, 'name the one that acts'],
  [/\bwhere (nobody|there is none|there are none)\b/i, 'if there is none'],
  [/\bat whose\b/i, 'name the thing'],
]

describe('the words', () => {
  const prose: Prose[] = [
    ...code.filter((path) => !path.startsWith('test/tidy/')).flatMap(comments),
    ...files.filter((path) => path.endsWith('.md')).flatMap(paragraphs),
  ]

  it(`wrap comments at ${MAX_WIDTH} columns`, () => {
    const wide = code.flatMap(comments).filter(({ text }) => {
      // An address cannot be broken.
      return [...text].length > MAX_WIDTH && !/https?:\/\/\S+$/.test(text)
    })
    expect(wide.map(({ place }) => place)).toEqual([])
  })

  it.each(BANNED)('avoid %s: %s', (pattern) => {
    const found = prose.filter(({ text }) => pattern.test(text))
    expect(found.map(({ place, text }) => `${place}: ${text.trim()}`)).toEqual([])
  })
})

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { posix } from 'node:path'

const ROOT = new URL('../../', import.meta.url)

/**
 * Paths of all files under version control, or new and not ignored; from the root of the project,
 * with forward slashes.
 */
export const files: readonly string[] = execFileSync(
  'git',
  ['ls-files', '--cached', '--others', '--exclude-standard', '--deduplicate'],
  { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 },
)
  .split('\n')
  .filter((path) => path !== '' && exists(path))

export const isTest = (path: string): boolean => /\.(test|test-d|suite)\.ts$/.test(path)

export function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8')
}

function exists(path: string): boolean {
  try {
    read(path)
    return true
  } catch {
    // Deleted, and not yet told to git.
    return false
  }
}

/**
 * What a module imports, statically, dynamically or for its types alone: relative paths resolved,
 * packages by name.
 */
export function imports(path: string): string[] {
  const pattern = /\b(?:from|import)\s*\(?\s*(['"])([^'"\n]+)\1/g
  return [...read(path).matchAll(pattern)].map(([, , specifier]) => {
    return specifier!.startsWith('.')
      ? posix.normalize(posix.join(posix.dirname(path), specifier!))
      : specifier!
  })
}

/** A comment's line, or a line of a document: where it stands, and its words. */
export interface Prose {
  place: string
  text: string
}

/** All comments of a source, line by line, as they stand; without examples and drawings. */
export function comments(path: string): Prose[] {
  let inExample = false
  return read(path)
    .split('\n')
    .flatMap((text, index) => {
      if (/@example/.test(text)) inExample = true
      else if (inExample && /\*\/|^\s*\* @/.test(text)) inExample = false
      const isComment = /^\s*(\/\/|\/\*|\*)/.test(text) || /\s\/\/ /.test(text)
      const isDrawn = /[│┌└├─]/.test(text) || /^\s*\/\/( +\d+)+$/.test(text)
      return isComment && !isDrawn && !inExample ? [{ place: `${path}:${index + 1}`, text }] : []
    })
}

/** A document line by line, without code blocks. */
export function paragraphs(path: string): Prose[] {
  let inCode = false
  return read(path)
    .split('\n')
    .flatMap((text, index) => {
      if (text.startsWith('```')) inCode = !inCode
      return inCode || text.startsWith('```') ? [] : [{ place: `${path}:${index + 1}`, text }]
    })
}

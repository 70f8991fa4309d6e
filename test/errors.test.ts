import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { CambiumError } from '../src/base/CambiumError.ts'

const root = new URL('..', import.meta.url)
const sources = ['src/', 'bridge/src/'].flatMap((folder) =>
  readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(new URL(folder + path, root), 'utf8')),
)
const classes = sources.flatMap((source) => {
  return [
    ...source.matchAll(/class (\w+) extends \w*Error(?:(?!class )[\s\S])*?super\(\s*'([A-Z_]+)'/g),
  ]
})

describe('errors', () => {
  it('are all listed in docs/errors.md by their codes', () => {
    const docs = readFileSync(new URL('docs/errors.md', root), 'utf8')
    expect(classes.length).toBeGreaterThan(40)
    const missing = classes
      .map(([, , code]) => code)
      .filter((code) => !docs.includes(`\`${code}\``))
    expect(missing).toEqual([])
  })

  it('are named after their classes by their codes, which minifiers leave alone', () => {
    for (const [, name, code] of classes) expect(new CambiumError(code!, '').name).toBe(name)
  })
})

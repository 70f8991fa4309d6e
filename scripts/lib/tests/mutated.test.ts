import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { MUTATIONS } from '../../mutations.mjs'
import { mutated } from './mutated.mjs'

const read = (path: string) => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')

test('a mutation needs exactly one place', () => {
  const mutation = { ...MUTATIONS[0]!, find: 'b', replace: '$&' }
  expect(mutated('abc', mutation)).toBe('a$&c')
  expect(() => mutated('ac', mutation)).toThrow('0 places')
  expect(() => mutated('abbc', mutation)).toThrow('2 places')
})

test.each(MUTATIONS)('there is a place for: $name', (mutation) => {
  const source = read(mutation.file)
  expect(mutated(source, mutation)).not.toBe(source)
})

test('docs/testing.md lists every mutation with its scenario, and no other', () => {
  const rows = read('docs/testing.md').match(/^\| \d+ \|.*$/gm) ?? []
  const expected = MUTATIONS.map(({ name, file, scenario }, index) => {
    return `| ${index + 1} | ${name} | \`${file}\` | ${scenario} |`
  })
  expect(rows).toEqual(expected)
})

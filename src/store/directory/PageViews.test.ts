import { expect, test } from 'vitest'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { StoreCorruptError } from '../errors.ts'
import { KeyPrefix } from './KeyPrefix.ts'
import { PageKey } from './PageKey.ts'
import { PageViews } from './PageViews.ts'

/** The prefix that a text of binary digits spells. */
function prefix(digits: string): KeyPrefix {
  const key = Uint8Array.from({ length: 32 }, (_, index) =>
    Number.parseInt(digits.slice(index * 8, index * 8 + 8).padEnd(8, '0'), 2),
  )
  return new KeyPrefix(key, digits.length)
}

const page = (digits: string, generation: number) => new PageKey(prefix(digits), generation)
const tombstone = (digits: string, generation: number) =>
  new PageKey(prefix(digits), generation, true)

/** Views of records as a database lists them: in ascending order of their keys. */
function load(records: PageKey[], generation: number): PageViews {
  const keys = records.map((record) => record.bytes()).sort(compareBytes)
  return PageViews.load(keys, 32, generation)
}

const RECORDS = [
  page('0', 1),
  tombstone('0', 2),
  page('00', 2),
  page('00', 3),
  page('01', 2),
  tombstone('01', 3),
  page('1', 1),
  page('1', 3),
]

test('each state shows the newest page of each prefix, and none where that is a tombstone', () => {
  const views = load(RECORDS, 2)
  expect(views.completed.pages).toEqual([page('00', 2), page('01', 2), page('1', 1)])
  expect(views.working.pages).toEqual([page('00', 3), page('1', 3)])
  expect(views.garbage).toEqual([page('0', 1), tombstone('0', 2)])
})

test('a completion hides what the next state does not show, which is what loading finds as well', () => {
  const views = load(RECORDS, 2).complete(3)
  const loaded = load(RECORDS, 3)
  expect(views.completed.pages).toEqual(loaded.completed.pages)
  expect(views.working.pages).toEqual(loaded.working.pages)
  const sorted = (garbage: readonly PageKey[]) =>
    garbage.map((record) => record.bytes()).sort(compareBytes)
  expect(sorted(views.garbage)).toEqual(sorted(loaded.garbage))
  expect(loaded.garbage).toHaveLength(6)
})

test('wherever the removal of garbage stops, no state shows another page', () => {
  for (const views of [load(RECORDS, 3), load(RECORDS, 2).complete(3)]) {
    for (let count = 0; count <= views.garbage.length; count++) {
      const gone = new Set(views.garbage.slice(0, count).map(String))
      const rest = RECORDS.filter((record) => !gone.has(String(record)))
      const loaded = load(rest, 3)
      expect(loaded.completed.pages).toEqual(views.completed.pages)
      expect(loaded.working.pages).toEqual(views.working.pages)
      expect(loaded.garbage).toHaveLength(views.garbage.length - count)
      expect(views.withoutGarbage(count).garbage).toHaveLength(views.garbage.length - count)
    }
  }
})

test('generations of a prefix are together, also where the database puts others between them', () => {
  // Its bytes continue like the bits and generation of the shorter prefix, and end between two of
  // its generations.
  const long = new Uint8Array(32)
  long.set([40, 0, 0, 1], 6)
  const between = new PageKey(new KeyPrefix(long, 80), 512)
  const records = [page('0'.repeat(40), 1), between, tombstone('0'.repeat(40), 512)]
  const keys = records.map((record) => record.bytes())
  expect([...keys].sort(compareBytes)).toEqual(keys)
  const views = PageViews.load(keys, 32, 511)
  expect(views.completed.pages).toEqual([records[0]])
  expect(views.working.pages).toEqual([between])
})

test.each<[string, PageKey[]]>([
  ['of a generation yet to come', [page('0', 4)]],
  ['of a later generation, though nothing shows it', [tombstone('0', 9)]],
  ['and a tombstone in its place', [page('0', 2), tombstone('0', 2)]],
  ['over another', [page('0', 1), page('01', 2)]],
  ['over another in the working state', [page('0', 1), page('01', 3)]],
])('a page %s is a StoreCorruptError', (_, records) => {
  expect(() => load(records, 2)).toThrow(StoreCorruptError)
})

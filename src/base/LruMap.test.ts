import { expect, it } from 'vitest'
import { LruMap } from './LruMap.ts'

it('forgets who was asked for longest ago', () => {
  const map = new LruMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  expect(map.get('a')).toBe(1)
  map.set('c', 3)
  expect(map.get('b')).toBeUndefined()
  expect([...map.entries()]).toEqual([
    ['a', 1],
    ['c', 3],
  ])
  map.set('a', 4)
  map.set('d', 5)
  expect([...map.entries()]).toEqual([
    ['a', 4],
    ['d', 5],
  ])
  map.delete('a')
  expect(map.get('a')).toBeUndefined()
})

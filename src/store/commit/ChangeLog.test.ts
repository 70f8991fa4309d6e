import { expect, test } from 'vitest'
import { ChangeLog } from './ChangeLog.ts'

const change = (byte: number) => ({ bytes: Uint8Array.of(byte), bits: 8 })
const everything = { bytes: new Uint8Array(), bits: 0 }

test('tells what came since a version, and nothing to those who know all', () => {
  const log = new ChangeLog()
  const start = log.version
  log.add([change(1), change(2)])
  const middle = log.version
  log.add([change(3)])
  expect(log.since(start)).toEqual([change(1), change(2), change(3)])
  expect(log.since(middle)).toEqual([change(3)])
  expect(log.since(log.version)).toEqual([])
  log.add([])
  expect(log.since(log.version)).toEqual([])
})

test('says that anything may have changed where that is so', () => {
  const log = new ChangeLog()
  const start = log.version
  log.addEverything()
  expect(log.since(start)).toEqual([everything])
  expect(log.version).not.toBe(start)
})

test('forgets what is long ago, and then names everything', () => {
  const log = new ChangeLog()
  const versions: number[] = []
  for (let round = 0; round < 30_000; round++) {
    versions.push(log.version)
    log.add([change(round & 0xff)])
  }
  expect(new Set(versions).size).toBe(30_000)
  expect(log.since(versions[0]!)).toEqual([everything])
  // All that it still knows is exact.
  const known = versions.filter((version) => log.since(version)[0]!.bits !== 0)
  expect(known.length).toBeGreaterThanOrEqual(4096)
  expect(known.length).toBeLessThan(10_000)
  for (const version of [known[0]!, known.at(-1)!]) {
    expect(log.since(version)).toHaveLength(log.version - version)
  }
})

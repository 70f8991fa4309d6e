import { describe, expect, it } from 'vitest'
import { StoreCorruptError } from './errors.ts'
import { decodeManifest, encodeManifest, type StoreManifest } from './StoreManifest.ts'

const totals = { accounts: 1_000_000, slots: 2, codes: 3, bytes: 2 ** 40 }
const manifest: StoreManifest = {
  generation: 7,
  completion: { root: new Uint8Array(32).fill(0xab), completionId: 2 ** 52 + 1 },
  pagesVersion: 5,
  leavesVersion: 6,
  totals: { completed: totals, working: { ...totals, slots: 9 } },
  sums: { completed: { accounts: 1, slots: 2 ** 32 - 1 }, working: { accounts: 3, slots: 4 } },
}

describe.each([
  ['with a completed state', manifest],
  ['without one', { ...manifest, completion: undefined }],
])('a manifest %s', (_, manifest) => {
  const record = encodeManifest(manifest)

  it('is read as it was written', () => {
    expect(decodeManifest(record)).toEqual(manifest)
  })

  it('is refused with any byte changed, cut off anywhere, or with bytes behind it', () => {
    for (let at = 0; at < record.length; at++) {
      for (const bit of [1, 0x80]) {
        const changed = record.with(at, record[at]! ^ bit)
        expect(() => decodeManifest(changed), `byte ${at}`).toThrow(StoreCorruptError)
      }
      expect(() => decodeManifest(record.slice(0, at)), `${at} bytes`).toThrow(StoreCorruptError)
    }
    expect(() => decodeManifest(Uint8Array.of(...record, 0))).toThrow(StoreCorruptError)
  })
})

it('of the earlier form is read, without sums', () => {
  const old = new Uint8Array(12 * 8)
  new DataView(old.buffer).setFloat64(0, 4, true)
  expect(decodeManifest(old)).toMatchObject({
    generation: 4,
    completion: undefined,
    sums: undefined,
  })
})

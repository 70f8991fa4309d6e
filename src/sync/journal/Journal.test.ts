import { bytesToHex } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checksum } from '../../base/bytes/checksum.ts'
import { bigIntToHash, hashToBigInt, KEY_SPACE } from '../../base/bytes/hash32.ts'
import { ACCOUNT_CHUNKS, type AccountTask, accountTask, accountTasks } from './AccountTask.ts'
import { endRecords, readJournal, targetRecord, taskRecord } from './Journal.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })

/** Any task that a sync may be in: cursors and contracts within its chunk. */
const task: fc.Arbitrary<AccountTask> = fc
  .integer({ min: 0, max: ACCOUNT_CHUNKS - 1 })
  .chain((index) => {
    const { first, last } = accountTask(index)
    const inside = fc
      .bigInt({ min: hashToBigInt(first), max: hashToBigInt(last) })
      .map(bigIntToHash)
    const hex = hash.map(bytesToHex)
    const chunk = fc.record({ next: hash, last: hash })
    const contract = fc.record({
      accountHash: inside,
      storageRoot: fc.option(hex, { nil: undefined }),
      codeHash: fc.option(hex, { nil: undefined }),
      chunks: fc.option(fc.array(chunk, { minLength: 1, maxLength: 16 }), { nil: undefined }),
    })
    return fc.record({
      index: fc.constant(index),
      first: fc.constant(first),
      last: fc.constant(last),
      next: fc.option(inside, { nil: undefined }),
      pending: fc.array(contract, { maxLength: 20 }),
      suspended: fc.array(contract, { maxLength: 20 }),
    })
  })

const sample: AccountTask = {
  ...accountTask(5),
  next: bigIntToHash(hashToBigInt(accountTask(5).first) + 7n),
  pending: [
    {
      accountHash: accountTask(5).first,
      storageRoot: bytesToHex(bigIntToHash(1n)),
      codeHash: bytesToHex(bigIntToHash(2n)),
      chunks: [{ next: bigIntToHash(3n), last: bigIntToHash(4n) }],
    },
  ],
}

/**
 * Expects that nothing but the record of task 5 was found damaged, for a reason, and that the task
 * starts again.
 */
function expectDamaged(record: Uint8Array, reason: string): void {
  const { tasks, damaged } = readJournal(new Map([['task/5', record]]))
  expect(damaged).toMatchObject([{ code: 'JOURNAL', name: 'JournalError' }])
  expect(damaged[0]!.message).toContain('"task/5" is damaged')
  expect(damaged[0]!.message).toContain(reason)
  expect(tasks[5]).toEqual(accountTask(5))
}

describe('the journal', () => {
  it('gives back every task as it was written', () => {
    fc.assert(
      fc.property(task, (written) => {
        const { tasks, damaged } = readJournal(new Map([taskRecord(written)]))
        expect(damaged).toEqual([])
        expect(tasks[written.index]).toEqual(written)
        const others = tasks.filter(({ index }) => index !== written.index)
        expect(others).toEqual(accountTasks().filter(({ index }) => index !== written.index))
      }),
    )
  })

  it('of an empty store tells that nothing was begun', () => {
    const nothing = { target: undefined, tasks: accountTasks(), damaged: [] }
    expect(readJournal(new Map())).toEqual(nothing)
  })

  it('gives back the target as it was written', () => {
    fc.assert(
      fc.property(hash, fc.boolean(), (root, mixed) => {
        const { target } = readJournal(new Map([targetRecord({ root, mixed })]))
        expect(target).toEqual({ root, mixed })
      }),
    )
  })

  it('removes the records of target and tasks when the sync has ended', () => {
    const records = endRecords()
    const names = Array.from({ length: ACCOUNT_CHUNKS }, (_, index) => `task/${index}`)
    expect([...records.keys()].sort()).toEqual([...names, 'target'].sort())
    expect([...records.values()].every((record) => record === undefined)).toBe(true)
  })

  it('notices a record that was cut anywhere', () => {
    const [, record] = taskRecord(sample)
    for (let size = 0; size < record.length; size++) expectDamaged(record.slice(0, size), '')
  })

  it('notices every flipped bit', () => {
    const [, record] = taskRecord(sample)
    for (let bit = 0; bit < record.length * 8; bit++) {
      const flipped = record.slice()
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      expectDamaged(flipped, '')
    }
  })

  it('notices bytes after a record', () => {
    expectDamaged(Uint8Array.of(...taskRecord(sample)[1], 0), 'checksum')
  })

  it('does not guess at a record of a newer form', () => {
    const record = taskRecord(sample)[1].slice()
    record[0] = 4
    expectDamaged(record, 'form 4 is unknown, expected 3')
  })

  it('refuses a record with bytes behind its list, though the checksum fits', () => {
    const body = taskRecord(sample)[1].subarray(9)
    const longer = Uint8Array.of(...body, 0x80)
    expectDamaged(Uint8Array.of(3, ...checksum(longer), ...longer), 'after its last item')
    expectDamaged(Uint8Array.of(3, ...checksum(body), ...longer), 'checksum')
  })

  it('refuses a record of another task, whose cursor lies outside the chunk', () => {
    expectDamaged(taskRecord(accountTask(6))[1], 'outside the chunk')
    expectDamaged(taskRecord({ ...sample, next: accountTask(6).first })[1], 'outside the chunk')
    const stray = { ...sample.pending[0]!, accountHash: accountTask(4).last }
    expectDamaged(taskRecord({ ...sample, pending: [stray] })[1], 'outside the chunk')
  })

  it('refuses a record of another kind', () => {
    const target = { root: accountTask(5).first, mixed: false }
    expectDamaged(targetRecord(target)[1], '')
  })
})

describe('the account tasks of a new sync', () => {
  it('cover the key space without gap or overlap', () => {
    const tasks = accountTasks()
    expect(tasks).toHaveLength(ACCOUNT_CHUNKS)
    let next = 0n
    for (const { first, last, next: cursor } of tasks) {
      expect(hashToBigInt(first)).toBe(next)
      expect(cursor).toEqual(first)
      next = hashToBigInt(last) + 1n
    }
    expect(next).toBe(KEY_SPACE)
  })
})

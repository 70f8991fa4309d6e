import { bytesToHex } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bigIntToHash, hashToBigInt, KEY_SPACE } from '../bytes/hash32.ts'
import { ACCOUNT_CHUNKS, type AccountTask, accountTask, accountTasks } from './AccountTask.ts'
import { completeRecords, readJournal, targetRecord, taskRecord } from './Journal.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })

/** Any task that a sync may be in: cursors and contracts within its chunk. */
const task: fc.Arbitrary<AccountTask> = fc
  .integer({ min: 0, max: ACCOUNT_CHUNKS - 1 })
  .chain((index) => {
    const { first, last } = accountTask(index)
    const inside = fc
      .bigInt({ min: hashToBigInt(first), max: hashToBigInt(last) })
      .map(bigIntToHash)
    const contract = fc.record({
      accountHash: inside,
      storageRoot: hash,
      next: fc.option(hash, { nil: undefined }),
    })
    return fc.record({
      index: fc.constant(index),
      first: fc.constant(first),
      last: fc.constant(last),
      next: fc.option(inside, { nil: undefined }),
      storage: fc.array(contract, { maxLength: 20 }),
      codes: fc.array(hash.map(bytesToHex), { maxLength: 20 }).map((codes) => new Set(codes)),
    })
  })

const sample: AccountTask = {
  ...accountTask(5),
  next: bigIntToHash(hashToBigInt(accountTask(5).first) + 7n),
  storage: [
    { accountHash: accountTask(5).first, storageRoot: bigIntToHash(1n), next: bigIntToHash(2n) },
  ],
  codes: new Set([bytesToHex(bigIntToHash(3n))]),
}

/** Expects that nothing but the record of task 5 was found damaged, for a reason, and that the task starts again. */
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
    const nothing = { root: undefined, begun: false, epoch: undefined, damaged: [] }
    expect(readJournal(new Map())).toEqual({ ...nothing, tasks: accountTasks() })
  })

  it('tells the root, and complete only of that root', () => {
    fc.assert(
      fc.property(hash, hash, (root, other) => {
        const target = targetRecord(root)
        expect(readJournal(new Map([target]))).toMatchObject({
          root,
          begun: false,
          epoch: undefined,
        })
        const records = (of: Uint8Array) =>
          new Map([target, ['complete', completeRecords(of).get('complete')!]])
        const { epoch } = readJournal(records(root))
        expect(epoch).toMatch(/^[0-9a-f]{32}$/)
        expect(readJournal(records(root)).epoch).not.toBe(epoch)
        const same = bytesToHex(root) === bytesToHex(other)
        expect(readJournal(records(other)).epoch !== undefined).toBe(same)
      }),
    )
  })

  it('removes the records of all tasks when the state is complete', () => {
    const records = completeRecords(bigIntToHash(1n))
    const names = Array.from({ length: ACCOUNT_CHUNKS }, (_, index) => `task/${index}`)
    expect([...records.keys()].sort()).toEqual([...names, 'complete'].sort())
    for (const name of names) expect(records.get(name)).toBeUndefined()
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
    record[0] = 2
    expectDamaged(record, 'form 2 is unknown, expected 1')
  })

  it('refuses a record of another task, whose cursor lies outside the chunk', () => {
    expectDamaged(taskRecord(accountTask(6))[1], 'outside the chunk')
    expectDamaged(taskRecord({ ...sample, next: accountTask(6).first })[1], 'outside the chunk')
    const stray = { ...sample.storage[0]!, accountHash: accountTask(4).last }
    expectDamaged(taskRecord({ ...sample, storage: [stray] })[1], 'outside the chunk')
  })

  it('refuses a record of another kind', () => {
    expectDamaged(targetRecord(accountTask(5).first)[1], '')
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

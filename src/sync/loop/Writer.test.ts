import { describe, expect, it } from 'vitest'
import { joinBatches } from '../../store/commit/joinBatches.ts'
import { StoreQuotaError } from '../../store/errors.ts'
import type { StateStore, StoreBatch } from '../../store/StateStore.ts'
import type { StoreTotals } from '../../store/StateView.ts'
import { Writer } from './Writer.ts'

/** A store whose commits end when the test says so. */
function setup() {
  const commits: {
    batch: StoreBatch
    end(totals: Partial<StoreTotals>): void
    fail(error?: Error): void
  }[] = []
  const store = {
    join: joinBatches,
    commit: (batch: StoreBatch) =>
      new Promise((resolve, reject) => {
        commits.push({ batch, end: resolve, fail: (error = new Error('no disk')) => reject(error) })
      }),
  } as unknown as StateStore
  const told: unknown[] = []
  const onWritten = (totals: StoreTotals) => told.push(totals)
  const writer = new Writer(store, onWritten, (error) => told.push((error as Error).message))
  return { commits, told, writer }
}

/** A batch that is known by the names of its journal records. */
const batch = (name: string): StoreBatch => ({ journal: new Map([[name, Uint8Array.of(1)]]) })
const names = (it: { batch: StoreBatch } | undefined) => [...(it?.batch.journal?.keys() ?? [])]
/** All that can happen without the disk has happened. */
const settled = () => new Promise((resolve) => setTimeout(resolve))

describe('Writer', () => {
  it('writes at once what finds the disk idle, and together what came while it was busy', async () => {
    const { commits, told, writer } = setup()
    for (const name of ['a', 'b', 'c']) writer.write(batch(name))
    expect(commits.map(names)).toEqual([['a']])
    expect(writer.backlog).toBe(3)
    commits[0]!.end({ accounts: 1 })
    await settled()
    expect(commits.map(names)).toEqual([['a'], ['b', 'c']])
    expect(writer.backlog).toBe(2)
    commits[1]!.end({ accounts: 3 })
    await writer.flush()
    expect(writer.backlog).toBe(0)
    expect(told).toEqual([{ accounts: 1 }, { accounts: 3 }])
  })

  it('writes four together at most, and only what is the same together as apart', async () => {
    const { commits, writer } = setup()
    writer.write(batch('0'))
    for (let name = 1; name <= 6; name++) {
      writer.write(name === 6 ? { ...batch('6'), complete: new Uint8Array(32) } : batch(`${name}`))
    }
    writer.write(batch('7'))
    for (let index = 0; index < 4; index++) {
      commits[index]!.end({})
      await settled()
    }
    expect(commits.map(names)).toEqual([['0'], ['1', '2', '3', '4'], ['5', '6'], ['7']])
  })

  it('writes apart what the disk has no room for together, as far as that goes', async () => {
    const { commits, told, writer } = setup()
    for (const name of ['a', 'b', 'c', 'd']) writer.write(batch(name))
    commits[0]!.end({ accounts: 1 })
    await settled()
    const full = new StoreQuotaError(undefined)
    commits[1]!.fail(full)
    await settled()
    commits[2]!.end({ accounts: 2 })
    await settled()
    commits[3]!.fail(full)
    await writer.flush()
    expect(commits.map(names)).toEqual([['a'], ['b', 'c', 'd'], ['b'], ['c']])
    expect(told).toEqual([{ accounts: 1 }, { accounts: 2 }, full.message])
    expect(writer.backlog).toBe(2)
  })

  it('writes nothing behind what failed', async () => {
    const { commits, told, writer } = setup()
    for (const name of ['a', 'b', 'c']) writer.write(batch(name))
    commits[0]!.end({})
    await settled()
    commits[1]!.fail()
    await writer.flush()
    writer.write(batch('d'))
    await writer.flush()
    await settled()
    expect(commits.map(names)).toEqual([['a'], ['b', 'c']])
    expect(told).toEqual([{}, 'no disk'])
    expect(writer.backlog).toBe(3)
  })
})

import { describe, expect, it } from 'vitest'
import { bigIntToHash, hashToBigInt } from '../../base/bytes/hash32.ts'
import { type AccountTask, accountTasks } from '../journal/AccountTask.ts'
import type { PendingContract } from '../journal/PendingContract.ts'
import { coveredFraction } from './coveredFraction.ts'

/** The key that lies at a part (0 to 1) of a task's chunk. */
function keyAt({ first, last }: AccountTask, part: number): Uint8Array {
  const size = hashToBigInt(last) - hashToBigInt(first)
  return bigIntToHash(hashToBigInt(first) + (size * BigInt(part * 1_000)) / 1_000n)
}

function pendingAt(task: AccountTask, part: number): PendingContract {
  const accountHash = keyAt(task, part)
  return { accountHash, storageRoot: '00'.repeat(32), codeHash: undefined, chunks: undefined }
}

describe('coveredFraction', () => {
  it('is 0 before the sync and 1 after it', () => {
    const tasks = accountTasks()
    expect(coveredFraction(tasks)).toBe(0)
    for (const task of tasks) task.next = undefined
    expect(coveredFraction(tasks)).toBe(1)
  })

  it('is the mean of what the chunks have stored', () => {
    const tasks = accountTasks()
    tasks[0]!.next = undefined
    tasks[7]!.next = keyAt(tasks[7]!, 0.5)
    tasks[15]!.next = keyAt(tasks[15]!, 0.25)
    expect(coveredFraction(tasks)).toBeCloseTo(1.75 / 16, 5)
  })

  it('stands at the first contract that waits for its slots or code', () => {
    const tasks = accountTasks()
    for (const task of tasks) task.next = undefined
    const waiting = tasks[3]!
    waiting.pending = [0.5, 0.75].map((part) => pendingAt(waiting, part))
    expect(coveredFraction(tasks)).toBeCloseTo(15.5 / 16, 5)
  })
})

import { hashToBigInt } from '../../base/bytes/hash32.ts'
import type { AccountTask } from '../journal/AccountTask.ts'

/**
 * The part of the account key space, 0 to 1, that is whole: in each task, all that lies before the
 * first contract that still waits for slots or code.
 */
export function coveredFraction(tasks: readonly AccountTask[]): number {
  let covered = 0
  for (const task of tasks) {
    const cursor = task.pending[0]?.accountHash ?? task.next
    const size = hashToBigInt(task.last) - hashToBigInt(task.first)
    const done = cursor === undefined ? size : hashToBigInt(cursor) - hashToBigInt(task.first)
    // A millionth is far finer than a progress bar, and keeps the division in whole numbers.
    covered += Number((done * 1_000_000n) / size) / 1_000_000
  }
  return covered / tasks.length
}

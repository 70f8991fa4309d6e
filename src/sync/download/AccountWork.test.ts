import { expect, it } from 'vitest'
import { bigIntToHash, hashToBigInt } from '../../base/bytes/hash32.ts'
import { createVerifier } from '../../verifier/createVerifier.ts'
import { accountTask } from '../journal/AccountTask.ts'
import type { PendingContract } from '../journal/PendingContract.ts'
import { AccountWork } from './AccountWork.ts'
import { CodeWork } from './CodeWork.ts'
import type { StorageWork } from './StorageWork.ts'

const ROOT = new Uint8Array(32).fill(1)

/** A chunk in which so many contracts wait for their code. */
function taskWith(pending: number) {
  const task = accountTask(0)
  task.pending = Array.from({ length: pending }, (_, index): PendingContract => {
    const accountHash = bigIntToHash(BigInt(index))
    return { accountHash, storageRoot: undefined, codeHash: '11'.repeat(32), chunks: undefined }
  })
  task.next = bigIntToHash(hashToBigInt(task.first) + BigInt(pending))
  return task
}

it.each([
  [1023, true],
  [1024, false],
  [5000, false],
])('with %i contracts that wait, a chunk asks for more accounts: %s', async (pending, asks) => {
  const verifier = await createVerifier()
  const task = taskWith(pending)
  const codes = new CodeWork([task], { hasCodes: async () => [] }, verifier)
  const storage = { add: () => {} } as unknown as StorageWork
  const options = { verifierThreads: undefined, staleLeaves: undefined }
  const tasks = [task, accountTask(1)]
  const work = new AccountWork({ root: ROOT, tasks, verifier, codes, storage, ...options })
  const first = work.assign(1000)!
  expect(first.task.index).toBe(asks ? 0 : 1)
  expect(work.assign(1000)?.task.index).toBe(asks ? 1 : undefined)
  // As soon as one of them is whole, the chunk continues.
  task.pending = task.pending.slice(0, 1023)
  if (!asks) expect(work.assign(1000)!.task.index).toBe(0)
})

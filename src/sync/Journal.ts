import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { compareBytes } from '../bytes/compareBytes.ts'
import type { RlpCursor } from '../bytes/RlpCursor.ts'
import { ACCOUNT_CHUNKS, type AccountTask, accountTask } from './AccountTask.ts'
import { JournalError } from './JournalError.ts'
import { decodeRecord, encodeRecord } from './journalRecord.ts'

/** What is known of a sync from the journal. */
export interface JournalState {
  /** The root that the stored leaves belong to; `undefined` in an empty store. */
  root: Uint8Array | undefined
  /** Whether anything is known of the progress towards `root`. */
  begun: boolean
  /** Names the completion of the state under `root`; `undefined` while it is not complete. */
  epoch: string | undefined
  tasks: AccountTask[]
  /** Records that could not be read; their parts start again. */
  damaged: JournalError[]
}

const TARGET = 'target'
const COMPLETE = 'complete'

function readHash(fields: RlpCursor): Uint8Array {
  return fields.string('hash', 32).slice()
}

function readOptionalHash(fields: RlpCursor): Uint8Array | undefined {
  const hash = fields.string('hash')
  if (hash.length !== 0 && hash.length !== 32) throw new Error('a hash is not 32 bytes')
  return hash.length === 0 ? undefined : hash.slice()
}

const taskName = (index: number) => `task/${index}`

/** The record of the root that is being synced. */
export function targetRecord(root: Uint8Array): [name: string, record: Uint8Array] {
  return [TARGET, encodeRecord(root)]
}

/**
 * The record that a state is complete, and the removal of the tasks, which have ended. Carries a random number: two
 * completions of one root are two, so that a reader notices what happened between them.
 */
export function completeRecords(root: Uint8Array): Map<string, Uint8Array | undefined> {
  const epoch = crypto.getRandomValues(new Uint8Array(16))
  return restartRecords().set(COMPLETE, encodeRecord(root, epoch))
}

/** Removes what is known of the progress: the state is not complete, and the next run starts from nothing. */
export function restartRecords(): Map<string, Uint8Array | undefined> {
  const records = new Map<string, Uint8Array | undefined>([[COMPLETE, undefined]])
  for (let index = 0; index < ACCOUNT_CHUNKS; index++) records.set(taskName(index), undefined)
  return records
}

/** The record of a task's cursor and of what is missing below its accounts. */
export function taskRecord(task: AccountTask): [name: string, record: Uint8Array] {
  const none = new Uint8Array()
  const storage = task.storage.map((contract) => [
    contract.accountHash,
    contract.storageRoot,
    contract.next ?? none,
  ])
  return [
    taskName(task.index),
    encodeRecord(task.next ?? none, storage, [...task.codes].map(hexToBytes)),
  ]
}

function readTask(index: number, fields: RlpCursor): AccountTask {
  const task = accountTask(index)
  const inside = (key: Uint8Array) => {
    const below = compareBytes(key, task.first) < 0
    if (below || compareBytes(key, task.last) > 0) throw new Error('a key is outside the chunk')
    return key
  }
  const next = readOptionalHash(fields)
  task.next = next && inside(next)
  for (const storage = fields.list('storage'); !storage.done; ) {
    const contract = storage.list('contract')
    task.storage.push({
      accountHash: inside(readHash(contract)),
      storageRoot: readHash(contract),
      next: readOptionalHash(contract),
    })
    contract.finish('contract')
  }
  for (const codes = fields.list('codes'); !codes.done; ) {
    task.codes.add(bytesToHex(readHash(codes)))
  }
  return task
}

/** Reads the journal of a store. A record that is missing or damaged means: this part starts at its beginning. */
export function readJournal(records: ReadonlyMap<string, Uint8Array>): JournalState {
  const damaged: JournalError[] = []
  const read = <Value>(name: string, parse: (fields: RlpCursor) => Value): Value | undefined => {
    const record = records.get(name)
    if (record === undefined) return undefined
    try {
      return decodeRecord(record, parse)
    } catch (cause) {
      damaged.push(new JournalError(name, cause))
      return undefined
    }
  }
  const root = read(TARGET, readHash)
  const completed = read(COMPLETE, (fields) => {
    return { root: readHash(fields), epoch: bytesToHex(fields.string('epoch', 16)) }
  })
  const isSame =
    root !== undefined && completed !== undefined && compareBytes(root, completed.root) === 0
  const epoch = isSame ? completed.epoch : undefined
  const tasks = Array.from({ length: ACCOUNT_CHUNKS }, (_, index) => {
    return read(taskName(index), (fields) => readTask(index, fields)) ?? accountTask(index)
  })
  const begun = epoch !== undefined || tasks.some(({ index }) => records.has(taskName(index)))
  return { root, begun, epoch, tasks, damaged }
}

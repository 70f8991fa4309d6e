import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import type { RlpInput } from '../../rlp/encodeRlp.ts'
import type { RlpReader } from '../../rlp/RlpReader.ts'
import { ACCOUNT_CHUNKS, type AccountTask, accountTask } from './AccountTask.ts'
import { JournalError } from './errors.ts'
import { decodeRecord, encodeRecord } from './journalRecord.ts'
import type { PendingContract, StorageChunk } from './PendingContract.ts'

/** The root that a sync works towards. */
export interface SyncTarget {
  /** 32 bytes. */
  root: Uint8Array
  /**
   * Whether what is stored may be of several roots, or beyond the cursors: then a range that comes
   * replaces what is stored in it, and the end is healed.
   */
  mixed: boolean
}

/**
 * What is known of a sync from the journal (geth's `SyncProgress` in the database). Not one
 * document that is written when a cycle ends, as there, but records that change in the transactions
 * of the leaves they speak of.
 */
export interface JournalState {
  /** `undefined` where no sync has begun since the last one was completed. */
  target: SyncTarget | undefined
  tasks: AccountTask[]
  /** Records that could not be read; their parts start again. */
  damaged: JournalError[]
}

const TARGET = 'target'

function readHash(fields: RlpReader): Uint8Array {
  return fields.string('hash', 32).slice()
}

function readOptionalHash(fields: RlpReader): Uint8Array | undefined {
  const hash = fields.string('hash')
  if (hash.length !== 0 && hash.length !== 32) throw new Error('a hash is not 32 bytes')
  return hash.length === 0 ? undefined : hash.slice()
}

/** The name of a task's record. */
export const taskName = (index: number) => `task/${index}`

/** The record of the root that is being synced. */
export function targetRecord({ root, mixed }: SyncTarget): [name: string, record: Uint8Array] {
  return [TARGET, encodeRecord(root, Uint8Array.of(mixed ? 1 : 0))]
}

/** Removes target and tasks: the sync has ended. */
export function endRecords(): Map<string, undefined> {
  const names = Array.from({ length: ACCOUNT_CHUNKS }, (_, index) => taskName(index))
  return new Map([TARGET, ...names].map((name) => [name, undefined]))
}

/** The record of a task's cursor and of what is missing below its accounts. */
export function taskRecord(task: AccountTask): [name: string, record: Uint8Array] {
  const { index, next, pending, suspended } = task
  const lists = [pending, suspended].map((contracts) => contracts.map(encodeContract))
  return [taskName(index), encodeRecord(next ?? NONE, ...lists)]
}

const NONE = /* @__PURE__ */ new Uint8Array()

function encodeContract(contract: PendingContract): RlpInput {
  const { accountHash, storageRoot, codeHash, chunks = [] } = contract
  return [
    accountHash,
    storageRoot === undefined ? NONE : hexToBytes(storageRoot),
    codeHash === undefined ? NONE : hexToBytes(codeHash),
    chunks.map(({ next, last }) => [next, last]),
  ]
}

function readTask(index: number, fields: RlpReader): AccountTask {
  const task = accountTask(index)
  const inside = (key: Uint8Array) => {
    const below = compareBytes(key, task.first) < 0
    if (below || compareBytes(key, task.last) > 0) throw new Error('a key is outside the chunk')
    return key
  }
  const next = readOptionalHash(fields)
  task.next = next && inside(next)
  for (const list of [task.pending, task.suspended]) {
    for (const contracts = fields.list('contracts'); !contracts.done; ) {
      const contract = readContract(contracts.list('contract'))
      inside(contract.accountHash)
      list.push(contract)
    }
  }
  return task
}

function readContract(fields: RlpReader): PendingContract {
  const accountHash = readHash(fields)
  const [storageRoot, codeHash] = [readOptionalHash(fields), readOptionalHash(fields)]
  const chunks: StorageChunk[] = []
  for (const list = fields.list('chunks'); !list.done; ) {
    const chunk = list.list('chunk')
    chunks.push({ next: readHash(chunk), last: readHash(chunk) })
    chunk.finish('chunk')
  }
  fields.finish('contract')
  return {
    accountHash,
    storageRoot: storageRoot && bytesToHex(storageRoot),
    codeHash: codeHash && bytesToHex(codeHash),
    chunks: chunks.length === 0 ? undefined : chunks,
  }
}

/**
 * Reads the journal of a store. A record that is missing or damaged means: this part starts at its
 * beginning.
 */
export function readJournal(records: ReadonlyMap<string, Uint8Array>): JournalState {
  const damaged: JournalError[] = []
  const read = <Value>(name: string, parse: (fields: RlpReader) => Value): Value | undefined => {
    const record = records.get(name)
    if (record === undefined) return undefined
    try {
      return decodeRecord(record, parse)
    } catch (cause) {
      damaged.push(new JournalError(name, cause))
      return undefined
    }
  }
  const target = read(TARGET, (fields) => {
    const root = readHash(fields)
    const [mixed] = fields.string('mixed', 1)
    if (mixed! > 1) throw new Error(`mixed is 0 or 1, got ${mixed}`)
    return { root, mixed: mixed === 1 }
  })
  const tasks = Array.from({ length: ACCOUNT_CHUNKS }, (_, index) => {
    return read(taskName(index), (fields) => readTask(index, fields)) ?? accountTask(index)
  })
  return { target, tasks, damaged }
}

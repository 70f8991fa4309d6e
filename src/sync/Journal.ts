import { RLP } from '@ethereumjs/rlp'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex, concatBytes, hexToBytes } from '@noble/hashes/utils.js'
import { CambiumError } from '../bytes/CambiumError.ts'
import { compareBytes } from '../bytes/compareBytes.ts'
import { ACCOUNT_CHUNKS, type AccountTask, accountTask } from './AccountTask.ts'

/** A journal record that cannot be read; the part it speaks of starts again. */
export class JournalError extends CambiumError {
  constructor(record: string, cause: unknown) {
    const why = cause instanceof Error ? cause.message : String(cause)
    super('JOURNAL', `journal record "${record}" is damaged: ${why}`, { cause })
  }
}

/** What is known of a sync from the journal. */
export interface JournalState {
  /** The root that the stored leaves belong to; `undefined` in an empty store. */
  root: Uint8Array | undefined
  /** Whether the state under `root` was completed and proven. */
  complete: boolean
  tasks: AccountTask[]
  /** Records that could not be read; their parts start again. */
  damaged: JournalError[]
}

const VERSION = 1
const TARGET = 'target'
const COMPLETE = 'complete'

/**
 * Bytes of the checksum: a flipped bit in a cursor would skip accounts for good, and be noticed only by the final check.
 * Damage, not malice: who can write here can write whole databases.
 */
const CHECKSUM_SIZE = 8

function checksum(body: Uint8Array): Uint8Array {
  return keccak_256(body).subarray(0, CHECKSUM_SIZE)
}

/** A record: version of its form (1 byte) ‖ checksum ‖ RLP list of fields; hashes are 32 bytes, absent values empty. */
function encode(...fields: NestedBytes[]): Uint8Array {
  const body = RLP.encode(fields as Parameters<typeof RLP.encode>[0])
  return concatBytes(Uint8Array.of(VERSION), checksum(body), body)
}

type NestedBytes = Uint8Array | NestedBytes[]

function decode(record: Uint8Array, fields: number): NestedBytes[] {
  if (record[0] !== VERSION) throw new Error(`form ${record[0]} is unknown, expected ${VERSION}`)
  const body = record.subarray(1 + CHECKSUM_SIZE)
  if (compareBytes(checksum(body), record.subarray(1, 1 + CHECKSUM_SIZE)) !== 0) {
    throw new Error('its checksum differs')
  }
  const list = RLP.decode(body) as NestedBytes
  if (!Array.isArray(list) || list.length !== fields) throw new Error('wrong number of fields')
  return list
}

function hash(value: NestedBytes | undefined): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length !== 32)
    throw new Error('a hash is not 32 bytes')
  return value
}

function optionalHash(value: NestedBytes | undefined): Uint8Array | undefined {
  return value instanceof Uint8Array && value.length === 0 ? undefined : hash(value)
}

function list(value: NestedBytes | undefined): NestedBytes[] {
  if (!Array.isArray(value)) throw new Error('a list is missing')
  return value
}

const taskName = (index: number) => `task/${index}`

/** The record of the root that is being synced. */
export function targetRecord(root: Uint8Array): [name: string, record: Uint8Array] {
  return [TARGET, encode(root)]
}

/** The record that a state is complete, and the removal of the tasks, which have ended. */
export function completeRecords(root: Uint8Array): Map<string, Uint8Array | undefined> {
  const records = new Map<string, Uint8Array | undefined>([[COMPLETE, encode(root)]])
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
  return [taskName(task.index), encode(task.next ?? none, storage, [...task.codes].map(hexToBytes))]
}

function readTask(index: number, record: Uint8Array): AccountTask {
  const [next, storage, codes] = decode(record, 3)
  const task = accountTask(index)
  task.next = optionalHash(next)
  const outside = (key: Uint8Array) =>
    compareBytes(key, task.first) < 0 || compareBytes(key, task.last) > 0
  if (task.next !== undefined && outside(task.next))
    throw new Error('the cursor is outside the chunk')
  task.storage = list(storage).map((entry) => {
    const [accountHash, storageRoot, slot] = list(entry)
    if (outside(hash(accountHash))) throw new Error('a contract is outside the chunk')
    return {
      accountHash: hash(accountHash),
      storageRoot: hash(storageRoot),
      next: optionalHash(slot),
    }
  })
  task.codes = new Set(list(codes).map((code) => bytesToHex(hash(code))))
  return task
}

/** Reads the journal of a store. A record that is missing or damaged means: this part starts at its beginning. */
export function readJournal(records: ReadonlyMap<string, Uint8Array>): JournalState {
  const damaged: JournalError[] = []
  const read = <Value>(name: string, parse: (record: Uint8Array) => Value): Value | undefined => {
    const record = records.get(name)
    if (record === undefined) return undefined
    try {
      return parse(record)
    } catch (cause) {
      damaged.push(new JournalError(name, cause))
      return undefined
    }
  }
  const root = read(TARGET, (record) => hash(decode(record, 1)[0]))
  const completed = read(COMPLETE, (record) => hash(decode(record, 1)[0]))
  const complete =
    root !== undefined && completed !== undefined && compareBytes(root, completed) === 0
  const tasks = Array.from({ length: ACCOUNT_CHUNKS }, (_, index) => {
    return read(taskName(index), (record) => readTask(index, record)) ?? accountTask(index)
  })
  return { root, complete, tasks, damaged }
}

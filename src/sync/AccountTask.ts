import { bigIntToHash, KEY_SPACE } from '../bytes/hash32.ts'

/** A contract whose account is stored and whose storage is not, or not whole. */
export interface PendingStorage {
  readonly accountHash: Uint8Array
  readonly storageRoot: Uint8Array
  /** The first slot hash that is not stored yet; `undefined` while none is. */
  next: Uint8Array | undefined
}

/**
 * One chunk of the account key space. Its accounts are stored from the left up to `next`; what hangs below them and is
 * still missing is listed, so that a hash that matches never hides it.
 */
export interface AccountTask {
  /** 0 … 15, the chunk's place in the key space. */
  readonly index: number
  /** First and last account hash of the chunk, both inclusive. */
  readonly first: Uint8Array
  readonly last: Uint8Array
  /** The first account hash that is not stored yet; `undefined` once the chunk's accounts are in. */
  next: Uint8Array | undefined
  /** In ascending order of account hash. */
  storage: PendingStorage[]
  /** Hashes of missing codes, in hexadecimal without prefix. */
  codes: Set<string>
}

/** Chunks of the account key space: as many as the reference uses, so that up to 16 peers work side by side. */
export const ACCOUNT_CHUNKS = 16

/** The tasks of a sync that has not begun: the whole key space in equal chunks. */
export function accountTasks(): AccountTask[] {
  return Array.from({ length: ACCOUNT_CHUNKS }, (_, index) => accountTask(index))
}

/** Chunk `index`, with nothing stored yet. */
export function accountTask(index: number): AccountTask {
  const size = KEY_SPACE / BigInt(ACCOUNT_CHUNKS)
  const first = bigIntToHash(BigInt(index) * size)
  const last = bigIntToHash(BigInt(index + 1) * size - 1n)
  return { index, first, last, next: first, storage: [], codes: new Set() }
}

/** Whether everything of the chunk is stored: accounts, storage and code. */
export function isDone(task: AccountTask): boolean {
  return task.next === undefined && task.storage.length === 0 && task.codes.size === 0
}

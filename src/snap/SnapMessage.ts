import type { Leaves } from '../leaves/Leaves.ts'

/**
 * Names of the snap/1 messages; the place in the list is the code on the wire. A request's answer
 * follows it.
 */
export const SNAP_KINDS = [
  'GetAccountRange',
  'AccountRange',
  'GetStorageRanges',
  'StorageRanges',
  'GetByteCodes',
  'ByteCodes',
  'GetTrieNodes',
  'TrieNodes',
] as const

export type SnapKind = (typeof SNAP_KINDS)[number]

/** No frame may be longer, code byte included: what a devp2p node accepts. */
export const MAX_FRAME_BYTES = 10 * 1024 * 1024

/** Common to all messages. */
interface Identified {
  /** Unsigned, 64 bits; chosen by the client, repeated in the answer. */
  id: bigint
}

/** Common to all requests. */
interface Limited extends Identified {
  /** Soft limit of the answer. More than 2^53 − 1 on the wire is read as 2^53 − 1. */
  bytes: number
}

/** Asks for the accounts from `origin` on, up to the first at or after `limit`. */
export interface GetAccountRange extends Limited {
  kind: 'GetAccountRange'
  /** State root, 32 bytes. */
  root: Uint8Array
  /** First account hash, 32 bytes. */
  origin: Uint8Array
  /** Last account hash, 32 bytes. */
  limit: Uint8Array
}

export interface AccountRange extends Identified {
  kind: 'AccountRange'
  /**
   * Keys: account hashes, 32 bytes. Values: slim account RLP, as it was on the wire; what is in it
   * is not checked.
   */
  accounts: Leaves
  /** Trie nodes on the paths to the origin and to the last account. */
  proof: readonly Uint8Array[]
}

/** Asks for the slots of one or more accounts. */
export interface GetStorageRanges extends Limited {
  kind: 'GetStorageRanges'
  /** State root, 32 bytes. */
  root: Uint8Array
  /** Account hashes, 32 bytes each. */
  accounts: readonly Uint8Array[]
  /** First slot hash of the first account, 32 bytes; or no bytes: from the start. */
  origin: Uint8Array
  /** Last slot hash of the first account, 32 bytes; or no bytes: to the end. */
  limit: Uint8Array
}

export interface StorageRanges extends Identified {
  kind: 'StorageRanges'
  /**
   * One for each account that has slots. Keys: slot hashes, 32 bytes. Values: the RLP of the slot's
   * value.
   */
  slots: readonly Leaves[]
  /**
   * Trie nodes on the paths to the origin and to the last slot of the last list; none when that
   * list is whole.
   */
  proof: readonly Uint8Array[]
}

/** Asks for contract code. */
export interface GetByteCodes extends Limited {
  kind: 'GetByteCodes'
  /** Code hashes, 32 bytes each. */
  hashes: readonly Uint8Array[]
}

export interface ByteCodes extends Identified {
  kind: 'ByteCodes'
  /** In the order of the hashes; unknown ones are left out. */
  codes: readonly Uint8Array[]
}

/**
 * Paths of trie nodes to ask for: a node of the account trie by its compact-encoded path, or an
 * account hash and compact-encoded paths in the account's storage trie.
 */
export type PathSet = readonly Uint8Array[]

/** Asks for trie nodes by path. */
export interface GetTrieNodes extends Limited {
  kind: 'GetTrieNodes'
  /** State root, 32 bytes. */
  root: Uint8Array
  paths: readonly PathSet[]
}

export interface TrieNodes extends Identified {
  kind: 'TrieNodes'
  /** In the order of the paths; an empty item where there is no node. */
  nodes: readonly Uint8Array[]
}

export type SnapRequest = GetAccountRange | GetStorageRanges | GetByteCodes | GetTrieNodes
export type SnapResponse = AccountRange | StorageRanges | ByteCodes | TrieNodes

/** Any message of snap/1. */
export type SnapMessage = SnapRequest | SnapResponse

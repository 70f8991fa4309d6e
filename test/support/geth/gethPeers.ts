import { fromHex, toHex } from '../../../src/base/bytes/hex.ts'
import { leafKey, leafValue } from '../../../src/leaves/Leaves.ts'
import { packLeaves } from '../../../src/leaves/packLeaves.ts'
import type { MemoryState } from '../../../src/served/memoryState.ts'
import type { ServedState, ServedTrie } from '../../../src/served/StateSource.ts'
import type { SnapRequest, SnapResponse } from '../../../src/snap/SnapMessage.ts'
import type { SnapHandler } from '../../../src/snap/server/serveSnap.ts'
import { stateHandler } from '../../../src/snap/server/stateHandler.ts'
import { altered } from '../peers/handlers.ts'

type Kind = SnapRequest['kind']

const EMPTY = {
  GetAccountRange: (id) => ({ kind: 'AccountRange', id, accounts: packLeaves([]), proof: [] }),
  GetStorageRanges: (id) => ({ kind: 'StorageRanges', id, slots: [], proof: [] }),
  GetByteCodes: (id) => ({ kind: 'ByteCodes', id, codes: [] }),
  GetTrieNodes: (id) => ({ kind: 'TrieNodes', id, nodes: [] }),
} satisfies Record<Kind, (id: bigint) => SnapResponse>

/** The peers of go-ethereum's sync_test.go: each has one fault, in answers of one kind. */
export const gethPeers = {
  honest: (state: MemoryState): SnapHandler => stateHandler(state.source),

  /** Has nothing of one kind. */
  useless(honest: SnapHandler, kind: Kind): SnapHandler {
    return (request) => (request.kind === kind ? EMPTY[kind](request.id) : honest(request))
  },

  /** Never answers requests of one kind. */
  unresponsive(honest: SnapHandler, kind: Kind): SnapHandler {
    return (request) => (request.kind === kind ? new Promise(() => {}) : honest(request))
  },

  /** Sends at most so many bytes of one kind, or one item. */
  starving(honest: SnapHandler, kind: Kind, bytes: number): SnapHandler {
    return (request) => {
      if (request.kind !== kind) return honest(request)
      return honest({ ...request, bytes: Math.min(bytes, request.bytes) })
    }
  },

  oneCodeAtATime: (honest: SnapHandler): SnapHandler =>
    altered(honest, 'GetByteCodes', (answer) => ({ ...answer, codes: answer.codes.slice(0, 1) })),

  /** Sends the hashes back in place of the codes. */
  corruptCodes: (honest: SnapHandler): SnapHandler =>
    altered(honest, 'GetByteCodes', (answer, { hashes }) => ({ ...answer, codes: hashes })),

  /** Leaves out the first node of each proof of accounts. */
  corruptAccounts: (honest: SnapHandler): SnapHandler =>
    altered(honest, 'GetAccountRange', (answer) => ({ ...answer, proof: answer.proof.slice(1) })),

  /** Leaves out the first node of each proof of slots. */
  corruptStorage: (honest: SnapHandler): SnapHandler =>
    altered(honest, 'GetStorageRanges', (answer) => ({ ...answer, proof: answer.proof.slice(1) })),

  /** Proves no slots, also where it sends only a part. */
  nonProving: (honest: SnapHandler): SnapHandler =>
    altered(honest, 'GetStorageRanges', (answer) => ({ ...answer, proof: [] })),

  /** Proves the last list of slots, also where it is whole. */
  alwaysProving(state: MemoryState): SnapHandler {
    return altered(gethPeers.honest(state), 'GetStorageRanges', (answer, request) => {
      const last = answer.slots.at(-1)
      if (last === undefined || answer.proof.length > 0) return answer
      const trie = served(state).storage(request.accounts[answer.slots.length - 1]!)!
      return { ...answer, proof: proofOf(trie, new Uint8Array(32), leafKey(last, last.count - 1)) }
    })
  },

  /** Proves every account that there is, and leaves out the second of each answer. */
  bloatedProof(state: MemoryState): SnapHandler {
    const trie = served(state).accounts
    const keys = Array.from(trie.leaves(new Uint8Array(32)), ([key]) => key)
    return altered(gethPeers.honest(state), 'GetAccountRange', (answer, { origin }) => {
      const { accounts } = answer
      const entries = Array.from({ length: accounts.count }, (_, index) => {
        return [leafKey(accounts, index), leafValue(accounts, index)] as const
      })
      const kept = entries.length > 2 ? entries.toSpliced(1, 1) : entries
      return { ...answer, accounts: packLeaves(kept), proof: proofOf(trie, origin, ...keys) }
    })
  },
}

function served({ source, stateRoot }: MemoryState): ServedState {
  return source.state(fromHex(stateRoot, 'state root', 32))!
}

/** The proofs of several keys, each node once. */
function proofOf(trie: ServedTrie, ...keys: Uint8Array[]): Uint8Array[] {
  const nodes = new Map<string, Uint8Array>()
  for (const node of keys.flatMap((key) => trie.prove(key))) nodes.set(toHex(node), node)
  return [...nodes.values()]
}

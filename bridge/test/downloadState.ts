import { keccak_256 } from '@noble/hashes/sha3.js'
import { FIRST_HASH, LAST_HASH, type SnapClient, toHex } from 'cambium/server'
import { decodeSlimAccount, encodeAccount } from '../../src/account/accountCodec.ts'
import { EMPTY_CODE_HASH, EMPTY_ROOT } from '../../src/account/emptyHashes.ts'
import { nextHash } from '../../src/base/bytes/hash32.ts'
import type { Leaves } from '../../src/leaves/Leaves.ts'
import { leafKey, leafValue } from '../../src/leaves/Leaves.ts'
import { MemoryTrie, type TrieEntry } from '../../src/trie/memory/MemoryTrie.ts'

export interface DownloadedState {
  /** Recomputed from what came; the same holds for all storage roots and code hashes. */
  stateRoot: string
  accounts: number
  slots: number
  codes: number
}

/**
 * Downloads a whole state, in ranges so small that there are many, and recomputes all its hashes.
 * @throws {Error} when a storage root or a code hash is not what its account says
 */
export async function downloadState(
  client: SnapClient,
  root: Uint8Array,
): Promise<DownloadedState> {
  const leaves: TrieEntry[] = []
  const codes = new Set<string>()
  let slots = 0
  let origin: Uint8Array | undefined = FIRST_HASH
  while (origin !== undefined) {
    const { accounts } = await client.getAccountRange({
      root,
      origin,
      limit: LAST_HASH,
      bytes: 4_000,
    })
    if (accounts.count === 0) break
    for (const [hash, body] of entries(accounts)) {
      const account = decodeSlimAccount(body)
      leaves.push([hash, encodeAccount(account)])
      if (toHex(account.storageRoot) !== EMPTY_ROOT) {
        const storage = await downloadStorage(client, root, hash)
        if (toHex(storage.root) !== toHex(account.storageRoot)) throw new Error('wrong storage')
        slots += storage.count
      }
      if (toHex(account.codeHash) !== EMPTY_CODE_HASH) {
        const answer = await client.getByteCodes({ hashes: [account.codeHash], bytes: 1 })
        const found = toHex(keccak_256(answer.codes[0] ?? FIRST_HASH))
        if (found !== toHex(account.codeHash)) throw new Error('wrong code')
        codes.add(found)
      }
    }
    origin = nextHash(leafKey(accounts, accounts.count - 1))
  }
  const trie = MemoryTrie.from(leaves)
  return { stateRoot: toHex(trie.root), accounts: trie.count, slots, codes: codes.size }
}

async function downloadStorage(client: SnapClient, root: Uint8Array, account: Uint8Array) {
  const leaves: TrieEntry[] = []
  for (let origin: Uint8Array | undefined = FIRST_HASH; origin !== undefined; ) {
    const question = { root, accounts: [account], origin, limit: LAST_HASH, bytes: 400 }
    const { slots, proof } = await client.getStorageRanges(question)
    const [list] = slots
    if (list === undefined) break
    leaves.push(...entries(list))
    origin = proof.length === 0 ? undefined : nextHash(leafKey(list, list.count - 1))
  }
  return MemoryTrie.from(leaves)
}

function* entries(leaves: Leaves): Iterable<TrieEntry> {
  for (let index = 0; index < leaves.count; index++) {
    yield [leafKey(leaves, index).slice(), leafValue(leaves, index).slice()]
  }
}

import { bytesToHex } from '@noble/hashes/utils.js'
import { slimAccount } from '../../../src/account/slimAccount.ts'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import { leafKey, leafValue } from '../../../src/leaves/Leaves.ts'
import type { ServedTrie } from '../../../src/served/StateSource.ts'
import type { StoreBatch } from '../../../src/store/StateStore.ts'
import type { SimulatedChain } from '../world/SimulatedChain.ts'

/**
 * Says what is wrong with a batch that is about to be committed while a root is synced; `undefined`
 * where nothing is: every leaf and every code belongs to the state under that root, and only that
 * state is called complete.
 */
export function unprovenIn(
  { accounts, slots, codes = [], complete }: StoreBatch,
  root: Uint8Array,
  chain: SimulatedChain,
): string | undefined {
  const state = chain.served(root)
  const differs = (a: Uint8Array | undefined, b: Uint8Array) => !a || compareBytes(a, b) !== 0
  for (let index = 0; index < (accounts?.count ?? 0); index++) {
    const key = leafKey(accounts!, index)
    const body = valueAt(state.accounts, key)
    if (differs(body && slimAccount(body), leafValue(accounts!, index))) {
      return `account ${bytesToHex(key)}`
    }
  }
  for (let index = 0; index < (slots?.count ?? 0); index++) {
    const key = leafKey(slots!, index)
    const value = valueAt(state.storage(key.subarray(0, 32)), key.subarray(32))
    if (differs(value, leafValue(slots!, index))) return `slot ${bytesToHex(key)}`
  }
  for (const { hash, code } of codes) {
    const known = chain.truth(root).codes.get(bytesToHex(hash))
    if (known !== bytesToHex(code)) return `code ${bytesToHex(hash)}`
  }
  if (complete && compareBytes(complete, root) !== 0) return `root ${bytesToHex(complete)}`
  return undefined
}

function valueAt(trie: ServedTrie | undefined, key: Uint8Array): Uint8Array | undefined {
  const [first] = trie?.leaves(key) ?? []
  return first && compareBytes(first[0], key) === 0 ? first[1] : undefined
}

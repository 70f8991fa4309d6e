import { describe, expect, it } from 'vitest'
import {
  boundaryAccounts,
  boundarySlots,
  referenceAccounts,
  referenceHealEntries,
  referenceSlots,
} from '../../test/support/trie/referenceState.ts'
import { compareBytes } from '../base/bytes/compareBytes.ts'
import { toHex } from '../base/bytes/hex.ts'
import { packLeaves } from '../leaves/packLeaves.ts'
import { createVerifier } from '../verifier/createVerifier.ts'
import { MemoryTrie, type TrieEntry } from './memory/MemoryTrie.ts'

const rootOf = (entries: readonly TrieEntry[]) => MemoryTrie.from(entries).root
const withSlots = (accounts: number, slots: readonly TrieEntry[], code: boolean) => {
  const root = rootOf(slots)
  return referenceAccounts(accounts, { storageRoot: () => root, code })
}

const states: [name: string, entries: () => TrieEntry[], root: string][] = [
  ['no accounts', () => [], '56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421'],
  [
    '1 account',
    () => referenceAccounts(1),
    'b49e2890fb1b29d55503c5a2a501707a9bbe280e836668d991a7610341098746',
  ],
  [
    '100 accounts',
    () => referenceAccounts(100),
    'ac66f17323e24b6d6b9743c9d44fb3b34737f98b17f2589e19ef0500091b336c',
  ],
  [
    '3000 accounts',
    () => referenceAccounts(3000),
    '75659376764002ccf460eb80ae7e9070b1defe231e2300e5241d91965adf5f5f',
  ],
  [
    '3000 accounts and 16 on the ends of chunks',
    () => [...boundaryAccounts(), ...referenceAccounts(3000)],
    '84d38a6cf0da7bd446fdfa0842316916a2784bce35c30c6f9f8f15efd6b8a100',
  ],
  [
    '3000 slots',
    () => referenceSlots(3000),
    '9b5e134c08a5ee909098bf8382efc8f12198fb424269539fb5e1c2052a1bd4b5',
  ],
  [
    '3 accounts with 3000 slots and code',
    () => withSlots(3, referenceSlots(3000), true),
    'ae1e1ffa47c67914401b57dc4d47edc3efb432cd752d93526e55299906d15ccc',
  ],
  [
    '100 accounts with 3000 slots and code',
    () => withSlots(100, referenceSlots(3000), true),
    '129b86759f350e32f481c70ade213ecbd96da0b63abc0b28c7fd9652a208dd8d',
  ],
  [
    '300 accounts with 1000 slots',
    () => withSlots(300, referenceSlots(1000), false),
    '81112f4c8d3d490e2bb69f24c56237bc8c678669b413f4ba4955588675d9abbf',
  ],
  [
    '10 accounts with 1000 slots and 16 on the ends of chunks',
    () => withSlots(10, [...boundarySlots(), ...referenceSlots(1000)], false),
    'b22f64e7a0d20952ebcb6b98d0cf92a8df0b13209f807d7b3d9b11753115a8e0',
  ],
  [
    '10 accounts with 30 slots of their own',
    () => {
      const storageRoot = (n: number) => rootOf(referenceSlots(30, n))
      return referenceAccounts(10, { storageRoot, code: false })
    },
    '5f9333ae83302dc44b01e23e95f3308a35f425c2d7c117eb798a4ccf9804f47d',
  ],
  [
    '3060 entries to heal',
    referenceHealEntries,
    'ba5abc05d42d3979981b2e1cd3e150af4ca5c0b6c24b6e0efdbab100d9b976a0',
  ],
]

describe('roots of known states', () => {
  it.each(states)('%s', async (_, entries, root) => {
    const sorted = entries().sort(([a], [b]) => compareBytes(a, b))
    expect(toHex(rootOf(sorted))).toBe(`0x${root}`)
    for (const build of ['simd', 'plain', 'js'] as const) {
      const builder = (await createVerifier({ build })).rootBuilder()
      // Batches of many sizes, some of them empty.
      for (
        let start = 0, size = 0;
        start < sorted.length;
        start += size, size = (size * 3 + 1) % 256
      ) {
        builder.add(packLeaves(sorted.slice(start, start + size)))
      }
      expect(toHex(builder.root()), build).toBe(`0x${root}`)
    }
  })
})

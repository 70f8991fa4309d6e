import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../../src/base/bytes/hex.ts'
import type { MemoryState } from '../../../src/served/memoryState.ts'
import { gethState } from './gethState.ts'

const GOLDEN: [name: string, state: () => MemoryState, root: string][] = [
  [
    '1 account',
    () => gethState.accounts(1),
    'b49e2890fb1b29d55503c5a2a501707a9bbe280e836668d991a7610341098746',
  ],
  [
    '100 accounts',
    () => gethState.accounts(100),
    'ac66f17323e24b6d6b9743c9d44fb3b34737f98b17f2589e19ef0500091b336c',
  ],
  [
    '3000 accounts',
    () => gethState.accounts(3000),
    '75659376764002ccf460eb80ae7e9070b1defe231e2300e5241d91965adf5f5f',
  ],
  [
    '3000 accounts and 16 on the ends of chunks',
    () => gethState.boundaryAccounts(3000),
    '84d38a6cf0da7bd446fdfa0842316916a2784bce35c30c6f9f8f15efd6b8a100',
  ],
  [
    '3 accounts with 3000 slots and code',
    () => gethState.sharedStorage(3, 3000, { code: true }),
    'ae1e1ffa47c67914401b57dc4d47edc3efb432cd752d93526e55299906d15ccc',
  ],
  [
    '100 accounts with 3000 slots and code',
    () => gethState.sharedStorage(100, 3000, { code: true }),
    '129b86759f350e32f481c70ade213ecbd96da0b63abc0b28c7fd9652a208dd8d',
  ],
  [
    '300 accounts with 1000 slots',
    () => gethState.sharedStorage(300, 1000),
    '81112f4c8d3d490e2bb69f24c56237bc8c678669b413f4ba4955588675d9abbf',
  ],
  [
    '10 accounts with 1000 slots and 16 on the ends of chunks',
    () => gethState.sharedStorage(10, 1000, { boundary: true }),
    'b22f64e7a0d20952ebcb6b98d0cf92a8df0b13209f807d7b3d9b11753115a8e0',
  ],
  [
    '10 accounts with 30 slots of their own',
    () => gethState.uniqueStorage(10, 30),
    '5f9333ae83302dc44b01e23e95f3308a35f425c2d7c117eb798a4ccf9804f47d',
  ],
]

describe('the states of the reference have their roots', () => {
  it.each(GOLDEN)('%s', (_, state, root) => {
    expect(state().stateRoot).toBe(`0x${root}`)
  })

  it('3000 slots', () => {
    const { source, stateRoot, slots } = gethState.sharedStorage(3, 3000, { code: true })
    const state = source.state(fromHex(stateRoot, 'root', 32))!
    const [first] = [...state.accounts.leaves(new Uint8Array(32))][0]!
    expect(toHex(state.storage(first)!.root)).toBe(
      '0x9b5e134c08a5ee909098bf8382efc8f12198fb424269539fb5e1c2052a1bd4b5',
    )
    expect(slots).toBe(9000)
  })
})

import { decodeSlimAccount, encodeAccount } from '../../../src/account/accountCodec.ts'
import { EMPTY_CODE_HASH } from '../../../src/account/emptyHashes.ts'
import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import { toHex } from '../../../src/base/bytes/hex.ts'
import { leafKey, leafValue } from '../../../src/leaves/Leaves.ts'
import type { StateView } from '../../../src/store/StateView.ts'
import type { Verifier } from '../../../src/verifier/Verifier.ts'
import { libraryRoot } from './libraryRoot.ts'

type Leaf = readonly [key: Uint8Array, value: Uint8Array]

/**
 * Recomputes a state from what is stored, with a library: the state root, each storage root, each
 * code hash.
 * @throws {Error} at the first that differs
 */
export async function expectRoots(
  view: StateView,
  root: Uint8Array,
  verifier: Pick<Verifier, 'keccak256'>,
): Promise<void> {
  const hash = (input: Uint8Array) => verifier.keccak256(input)
  const check = (what: string, found: Uint8Array, wanted: Uint8Array) => {
    if (compareBytes(found, wanted) !== 0) {
      throw new Error(`${what} is ${toHex(found)}, expected ${toHex(wanted)}`)
    }
  }
  const storages = new Map<string, Leaf[]>()
  for await (const leaves of view.slots()) {
    for (let index = 0; index < leaves.count; index++) {
      const key = leafKey(leaves, index)
      const account = toHex(key.subarray(0, 32))
      const slots = storages.get(account) ?? []
      storages.set(account, slots)
      slots.push([key.subarray(32), leafValue(leaves, index)])
    }
  }
  const accounts: Leaf[] = []
  for await (const leaves of view.accounts()) {
    for (let index = 0; index < leaves.count; index++) {
      const key = leafKey(leaves, index)
      const name = toHex(key)
      const account = decodeSlimAccount(leafValue(leaves, index))
      check(
        `the storage root of ${name}`,
        libraryRoot(storages.get(name) ?? [], hash),
        account.storageRoot,
      )
      storages.delete(name)
      if (toHex(account.codeHash) !== EMPTY_CODE_HASH) {
        const code = await view.getCode(account.codeHash)
        if (code === undefined) throw new Error(`the code of ${name} is missing`)
        check(`the code hash of ${name}`, hash(code), account.codeHash)
      }
      accounts.push([key, encodeAccount(account)])
    }
  }
  for (const name of storages.keys())
    throw new Error(`slots are stored of ${name}, which is no account`)
  check('the state root', libraryRoot(accounts, hash), root)
}

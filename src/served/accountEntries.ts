import { decodeAccount } from '../account/accountCodec.ts'
import { FIRST_HASH, hashToBigInt } from '../base/bytes/hash32.ts'
import { toHex } from '../base/bytes/hex.ts'
import { RlpReader } from '../rlp/RlpReader.ts'
import type { AccountEntry } from './AccountEntry.ts'
import { UnknownRootError } from './errors.ts'
import type { StateSource } from './StateSource.ts'

/**
 * Lists the accounts of one state of a source, named by their hashes, with slots by hash, and with
 * the storage roots and code hashes that the accounts declare.
 *
 * @throws {UnknownRootError} when the source does not have the state
 */
export function* accountEntries(source: StateSource, root: Uint8Array): Generator<AccountEntry> {
  const state = source.state(root)
  if (state === undefined) throw new UnknownRootError(root)
  for (const [hash, encoded] of state.accounts.leaves(FIRST_HASH)) {
    const { nonce, balance, storageRoot, codeHash } = decodeAccount(encoded)
    const slots = [...(state.storage(hash)?.leaves(FIRST_HASH) ?? [])]
    yield {
      name: toHex(hash),
      hash,
      balance,
      nonce,
      code: source.code(codeHash) ?? new Uint8Array(),
      storage: [],
      hashedStorage: slots.map(([slotHash, value]) => {
        return [slotHash, hashToBigInt(new RlpReader(value).string('slot'))]
      }),
      storageRoot: toHex(storageRoot),
      codeHash: toHex(codeHash),
    }
  }
}

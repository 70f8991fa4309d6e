import { compareBytes } from '../base/bytes/compareBytes.ts'
import { encodeRlp } from '../rlp/encodeRlp.ts'
import { RlpError } from '../rlp/errors.ts'
import { RlpReader } from '../rlp/RlpReader.ts'
import type { Account } from './Account.ts'
import { emptyCodeHash, emptyRoot } from './emptyHashes.ts'
import { AccountEncodingError } from './errors.ts'

const NOTHING = /* @__PURE__ */ new Uint8Array()

/** RLP of an account as the trie holds it: `[nonce, balance, storage root, code hash]`. */
export function encodeAccount({ nonce, balance, storageRoot, codeHash }: Account): Uint8Array {
  return encodeRlp([nonce, balance, storageRoot, codeHash])
}

/**
 * RLP of an account in its slim form, in which snap/1 sends it and the store holds it: the root of
 * the empty trie and the hash of no code are empty strings there, which saves 64 bytes for every
 * plain account.
 *
 * @see https://github.com/ethereum/devp2p/blob/master/caps/snap.md#data-format
 */
export function encodeSlimAccount({ nonce, balance, storageRoot, codeHash }: Account): Uint8Array {
  return encodeRlp([
    nonce,
    balance,
    compareBytes(storageRoot, emptyRoot()) === 0 ? NOTHING : storageRoot,
    compareBytes(codeHash, emptyCodeHash()) === 0 ? NOTHING : codeHash,
  ])
}

/**
 * Reads an account from its RLP as the trie holds it. The hashes are copies.
 * @throws {AccountEncodingError} when `encodeAccount` could not have made it
 */
export function decodeAccount(encoded: Uint8Array): Account {
  return decode(encoded, 'account', (cursor, what) => cursor.string(what, 32).slice())
}

/**
 * Reads an account from its slim form. The hashes are copies, and are those of nothing where they
 * were left out.
 * @throws {AccountEncodingError} when `encodeSlimAccount` could not have made it
 */
export function decodeSlimAccount(encoded: Uint8Array): Account {
  return decode(encoded, 'slim account', (cursor, what, empty) => {
    const hash = cursor.string(what)
    if (hash.length === 0) return empty
    if (hash.length !== 32) throw new RlpError(`${what} has 0 or 32 bytes, got ${hash.length}`)
    if (compareBytes(hash, empty) === 0) throw new RlpError(`${what} of nothing is left out`)
    return hash.slice()
  })
}

function decode(
  encoded: Uint8Array,
  form: string,
  hash: (cursor: RlpReader, what: string, empty: Uint8Array) => Uint8Array,
): Account {
  try {
    const outer = new RlpReader(encoded)
    const fields = outer.list(form)
    outer.finish(form)
    const account: Account = {
      nonce: fields.uint64('nonce'),
      balance: uint256(fields),
      storageRoot: hash(fields, 'storage root', emptyRoot()),
      codeHash: hash(fields, 'code hash', emptyCodeHash()),
    }
    fields.finish(form)
    return account
  } catch (error) {
    if (!(error instanceof RlpError)) throw error
    throw new AccountEncodingError(`bad ${form}: ${error.message}`, { cause: error })
  }
}

function uint256(fields: RlpReader): bigint {
  const bytes = fields.string('balance')
  if (bytes.length > 32) throw new RlpError(`balance has at most 32 bytes, got ${bytes.length}`)
  if (bytes[0] === 0) throw new RlpError('balance must not begin with a zero byte')
  let value = 0n
  for (const byte of bytes) value = (value << 8n) | BigInt(byte)
  return value
}

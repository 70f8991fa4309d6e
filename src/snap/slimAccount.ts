import { compareBytes } from '../bytes/compareBytes.ts'
import { encodeRlp } from '../bytes/encodeRlp.ts'
import { RlpCursor } from '../bytes/RlpCursor.ts'
import { emptyCodeHash, emptyRoot } from '../trie/emptyHashes.ts'

const NOTHING = /* @__PURE__ */ new Uint8Array()
const EMPTY_ROOT = /* @__PURE__ */ emptyRoot()
const EMPTY_CODE_HASH = /* @__PURE__ */ emptyCodeHash()

/**
 * The slim form of an account, straight from the form in the trie: a server converts thousands of them per answer, and
 * going through numbers takes ten times as long.
 *
 * @param account RLP of `[nonce, balance, storage root, code hash]`
 * @throws {RlpError} when it is not
 */
export function slimAccount(account: Uint8Array): Uint8Array {
  const fields = new RlpCursor(account).list('account')
  const start = fields.position
  fields.string('nonce')
  fields.string('balance')
  const numbers = account.subarray(start, fields.position)
  const storageRoot = fields.string('storage root', 32)
  const codeHash = fields.string('code hash', 32)
  fields.finish('account')
  return encodeRlp([
    { rlp: numbers },
    compareBytes(storageRoot, EMPTY_ROOT) === 0 ? NOTHING : storageRoot,
    compareBytes(codeHash, EMPTY_CODE_HASH) === 0 ? NOTHING : codeHash,
  ])
}

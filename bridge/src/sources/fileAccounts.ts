import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import { type AccountEntry, compareBytes, toHex } from 'cambium/server'
import { bytesOf, FileValueError, objectOf, quantityOf, wordOf } from './fileValues.ts'

type Json = Record<string, unknown>

/**
 * The accounts of a geth `genesis.json`: address → balance, and where they are set nonce, code and storage.
 *
 * @throws {FileValueError} when a value is not what it should be
 */
export function* allocAccounts(alloc: Json): Iterable<AccountEntry> {
  const once = onlyOnce()
  for (const [name, value] of Object.entries(alloc)) {
    const hash = once(name, keccak_256(bytesOf(name, 'address', 20)))
    yield { name, hash, ...contents(name, objectOf(value, name) ?? {}) }
  }
}

/**
 * The accounts of a geth state dump, with the hashes that it declares for their code and storage. An account whose
 * address geth did not know is listed under something else, and has the hash of its address in `key`.
 *
 * @throws {FileValueError} when a value is not what it should be
 */
export function* dumpAccounts(accounts: Json): Iterable<AccountEntry> {
  const once = onlyOnce()
  for (const [name, value] of Object.entries(accounts)) {
    const account = objectOf(value, `account ${name}`) ?? {}
    const { root, codeHash } = account
    yield {
      name,
      hash: once(name, dumpedHash(name, account)),
      ...contents(name, account),
      ...(root != null && { storageRoot: toHex(bytesOf(root, `root of ${name}`, 32)) }),
      ...(codeHash != null && { codeHash: toHex(bytesOf(codeHash, `codeHash of ${name}`, 32)) }),
    }
  }
}

function contents(name: string, account: Json) {
  const { balance, nonce, code } = account
  return {
    balance: quantityOf(balance, `balance of ${name}`, 256),
    nonce: quantityOf(nonce ?? 0, `nonce of ${name}`, 64),
    code: bytesOf(code ?? '', `code of ${name}`),
    storage: slots(name, objectOf(account.storage, `storage of ${name}`) ?? {}),
  }
}

function slots(name: string, storage: Json): [Uint8Array, bigint][] {
  const once = onlyOnce()
  return Object.entries(storage).map(([slot, value]) => {
    const what = `slot ${slot} of ${name}`
    return [once(what, wordOf(slot, what)), BigInt(toHex(wordOf(value, what)))]
  })
}

/** JSON keeps one key from being there twice; the same bytes written in two ways are left to find. */
function onlyOnce(): (what: string, bytes: Uint8Array) => Uint8Array {
  const seen = new Set<string>()
  return (what, bytes) => {
    const digits = bytesToHex(bytes)
    if (seen.has(digits)) throw new FileValueError(what, 'listed once', digits)
    seen.add(digits)
    return bytes
  }
}

function dumpedHash(name: string, { address = name, key }: Json): Uint8Array {
  const declared = key == null ? undefined : bytesOf(key, `key of ${name}`, 32)
  if (!/^(0x)?[0-9a-fA-F]{40}$/.test(String(address))) {
    if (declared !== undefined) return declared
    throw new FileValueError('account', 'under its address, or have its hash in key', name)
  }
  const hash = keccak_256(bytesOf(address, 'address', 20))
  if (declared !== undefined && compareBytes(hash, declared) !== 0) {
    throw new FileValueError(`key of ${name}`, `the hash of the address, ${toHex(hash)}`, key)
  }
  return hash
}

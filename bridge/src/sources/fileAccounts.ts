import { keccak_256 } from '@noble/hashes/sha3.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import {
  type AccountEntry,
  compareBytes,
  emptyRoot,
  packLeaves,
  RlpReader,
  toHex,
  type Verifier,
} from 'cambium/server'
import { DumpIncompleteError } from './errors.ts'
import { bytesOf, FileValueError, objectOf, quantityOf, wordOf } from './fileValues.ts'

type Json = Record<string, unknown>

/** Keccak-256 of no code. */
const NO_CODE = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

/**
 * An account of a geth `genesis.json`: its balance, and if they are set, nonce, code and storage.
 *
 * @param name its address
 * @throws {FileValueError} when a value is not what it should be
 */
export function allocAccount(name: string, value: unknown): AccountEntry {
  const account = objectOf(value, name) ?? {}
  const hash = keccak_256(bytesOf(name, 'address', 20))
  return { name, hash, ...fields(name, account), storage: slots(name, storageOf(name, account)) }
}

/**
 * An account of a geth state dump, with the hashes that the dump declares for its code and storage.
 *
 * `geth dump` lists an account by its address, or by `pre(HASH)` if geth has not stored that
 * address (`key` holds the hash then), and slots by their keys. `geth snapshot dump` knows hashes
 * alone: of the address, and of the slots, whose values it writes in RLP.
 *
 * @param name its key in `accounts`; `undefined` in a dump by lines
 * @throws {FileValueError} when a value is not what it should be
 * @throws {DumpIncompleteError} when the dump lacks code or storage that the account has
 */
export function dumpAccount(
  name: string | undefined,
  value: unknown,
  verifier: Verifier,
): AccountEntry {
  const account = objectOf(value, `account ${name ?? 'of a line'}`) ?? {}
  const { root, codeHash } = account
  const shown = name ?? String(account.address ?? account.key)
  const storageRoot = root == null ? undefined : toHex(bytesOf(root, `root of ${shown}`, 32))
  const declaredCode =
    codeHash == null ? undefined : toHex(bytesOf(codeHash, `codeHash of ${shown}`, 32))
  const hash = dumpedHash(shown, account)
  const entry = { name: shown, hash, ...fields(shown, account) }
  const storage = storageOf(shown, account)
  if (declaredCode !== undefined && declaredCode !== NO_CODE && entry.code.length === 0) {
    const advice = 'run geth dump without --nocode'
    throw new DumpIncompleteError('code', shown, `its hash is ${declaredCode}`, advice)
  }
  const isBare = Object.keys(storage).length === 0
  if (storageRoot !== undefined && storageRoot !== toHex(emptyRoot()) && isBare) {
    const advice = 'run geth with --cache.preimages, or use geth snapshot dump'
    throw new DumpIncompleteError('storage', shown, `its root is ${storageRoot}`, advice)
  }
  const declared = {
    ...(storageRoot !== undefined && { storageRoot }),
    ...(declaredCode !== undefined && { codeHash: declaredCode }),
  }
  // An account without an address may have slots of either kind. Its storage root decides.
  const hashed = addressOf(shown, account) === undefined ? hashedSlots(shown, storage) : undefined
  if (hashed !== undefined && rootOf(hashed, verifier) === storageRoot) {
    const hashedStorage = hashed.map(([slotHash, rlp]): [Uint8Array, bigint] => {
      return [slotHash, BigInt(toHex(new RlpReader(rlp).string('slot')))]
    })
    return { ...entry, ...declared, storage: [], hashedStorage }
  }
  return { ...entry, ...declared, storage: slots(shown, storage) }
}

function fields(name: string, { balance, nonce, code }: Json) {
  return {
    balance: quantityOf(balance, `balance of ${name}`, 256),
    nonce: quantityOf(nonce ?? 0, `nonce of ${name}`, 64),
    code: bytesOf(code ?? '', `code of ${name}`),
  }
}

function storageOf(name: string, account: Json): Json {
  return objectOf(account.storage, `storage of ${name}`) ?? {}
}

function slots(name: string, storage: Json): [Uint8Array, bigint][] {
  // JSON keeps one key from being there twice; the same bytes written in two ways are left to find.
  const seen = new Set<string>()
  return Object.entries(storage).map(([slot, value]) => {
    const what = `slot ${slot} of ${name}`
    const key = wordOf(slot, what)
    const digits = bytesToHex(key)
    if (seen.has(digits)) throw new FileValueError(what, 'listed once', digits)
    seen.add(digits)
    return [key, BigInt(toHex(wordOf(value, what)))]
  })
}

/**
 * Slots by the hash of their keys, with their values in RLP, ascending; `undefined` if they cannot
 * be that.
 */
function hashedSlots(name: string, storage: Json): [Uint8Array, Uint8Array][] | undefined {
  const found: [Uint8Array, Uint8Array][] = []
  for (const [slotHash, value] of Object.entries(storage)) {
    if (!/^(0x)?[0-9a-fA-F]{64}$/.test(slotHash)) return undefined
    const rlp = bytesOf(value, `slot ${slotHash} of ${name}`)
    if (rlp.length === 0) return undefined
    found.push([bytesOf(slotHash, 'slot hash', 32), rlp])
  }
  return found.sort(([a], [b]) => compareBytes(a, b))
}

function rootOf(leaves: [Uint8Array, Uint8Array][], verifier: Verifier): string {
  const builder = verifier.rootBuilder()
  builder.add(packLeaves(leaves))
  return toHex(builder.root())
}

function addressOf(name: string, { address = name }: Json): Uint8Array | undefined {
  if (!/^(0x)?[0-9a-fA-F]{40}$/.test(String(address))) return undefined
  return bytesOf(address, 'address', 20)
}

function dumpedHash(name: string, account: Json): Uint8Array {
  const key = account.key ?? /^pre\((.*)\)$/.exec(name)?.[1]
  const declared = key == null ? undefined : bytesOf(key, `key of ${name}`, 32)
  const address = addressOf(name, account)
  if (address === undefined) {
    if (declared !== undefined) return declared
    throw new FileValueError('account', 'under its address, or have its hash in key', name)
  }
  const hash = keccak_256(address)
  if (declared !== undefined && compareBytes(hash, declared) !== 0) {
    throw new FileValueError(`key of ${name}`, `the hash of the address, ${toHex(hash)}`, key)
  }
  return hash
}

import { basename } from 'node:path'
import { TokenType } from '@streamparser/json'
import {
  type AccountEntry,
  createVerifier,
  fromHex,
  type Hex,
  memoryState,
  NETWORKS,
  type Network,
  type StateSize,
  toHex,
  type Verifier,
} from 'cambium/server'
import type { HeldState } from '../BridgeState.ts'
import { StateFileError, StateRootMismatchError } from './errors.ts'
import { allocAccount, dumpAccount } from './fileAccounts.ts'
import { bytesOf, objectOf, quantityOf } from './fileValues.ts'
import { genesisHash } from './genesisHash.ts'
import { chunks, readJson } from './readJson.ts'

type Json = Record<string, unknown>

/** Fields of a genesis file or a dump beside the accounts. */
const FIELDS = [
  ...['root', 'config', 'nonce', 'timestamp', 'extraData', 'gasLimit', 'difficulty', 'mixHash'],
  ...['coinbase', 'number', 'gasUsed', 'parentHash', 'baseFeePerGas', 'excessBlobGas'],
  ...['blobGasUsed', 'slotNumber'],
]

/** A dump by lines begins with the root, alone on its line. */
const ROOT_LINE = /^\s*\{\s*"root"\s*:\s*"[^"\n]*"\s*\}\s*\n/

/**
 * A state from a file of one of these forms:
 *
 * - a geth `genesis.json` (its `alloc`);
 * - what `geth dump` prints: `{"root"}`, then an account per line;
 * - what `geth dump --iterative=false` prints: `{"root", "accounts": {address: account}}`;
 * - what `geth snapshot dump` prints: lines as well, with hashes in place of addresses and slots.
 *
 * The file is read piece by piece and never held as a whole.
 *
 * The root is computed from the accounts. What a file declares must be what is in it: the root of a
 * dump, and the code hashes and storage roots of its accounts.
 *
 * The network of a state that is no known network's genesis has the file's name. A genesis file
 * gives the chain id and the hash of its genesis block. A dump names no chain: it gets chain id 0
 * and its root in place of the genesis hash, so that clients keep every dump apart from every
 * other.
 *
 * @throws {StateFileError} when the file cannot be read or what it holds is no state
 * @throws {StateRootMismatchError} when a dump's accounts do not have the root that it declares
 */
export async function fileSource(
  path: string,
  onProgress?: (size: StateSize) => void,
): Promise<HeldState> {
  const verifier = await createVerifier()
  const file: Json = {}
  try {
    const entries = isByLines(path) ? lineEntries : objectEntries
    const { stateRoot, ...state } = memoryState(entries(path, file, verifier), {
      onProgress,
      verifier,
    })
    const declared = file.root == null ? stateRoot : toHex(bytesOf(file.root, 'root', 32))
    if (declared !== stateRoot) throw new StateRootMismatchError(path, declared, stateRoot)
    return { ...state, network: networkOf(basename(path), file, stateRoot) }
  } catch (cause) {
    if (cause instanceof StateRootMismatchError) throw cause
    throw new StateFileError(path, (cause as Error).message, { cause })
  }
}

function isByLines(path: string): boolean {
  const [start] = chunks(path, 1024)
  return ROOT_LINE.test(new TextDecoder().decode(start))
}

/** The accounts of a dump by lines. Its root goes into `file`. */
function* lineEntries(path: string, file: Json, verifier: Verifier): Generator<AccountEntry> {
  for (const { value } of readJson(path, { paths: ['$'], lines: true })) {
    if (file.root === undefined) file.root = (value as Json).root
    else yield dumpAccount(undefined, value, verifier)
  }
}

/**
 * The accounts of a genesis file, or of a dump in one object. All else that matters goes into
 * `file`.
 */
function* objectEntries(path: string, file: Json, verifier: Verifier): Generator<AccountEntry> {
  const paths = ['$.alloc.*', '$.accounts.*', ...FIELDS.map((name) => `$.${name}`)]
  const values = readJson(path, { paths })
  for (;;) {
    const next = values.next()
    if (next.done) return checkOutline(next.value, file)
    const { key, value, within } = next.value
    if (within[0] === 'alloc') yield allocAccount(String(key), value)
    else if (within[0] === 'accounts') yield dumpAccount(String(key), value, verifier)
    else file[String(key)] = value
  }
}

/** @throws {TypeError} when a file is neither a genesis file nor a dump */
function checkOutline(outline: ReadonlyMap<string, TokenType>, file: Json): void {
  for (const name of ['alloc', 'accounts']) {
    const token = outline.get(name)
    if (token === undefined || token === TokenType.NULL) continue
    file[name] = {}
    if (token !== TokenType.LEFT_BRACE) throw new TypeError(`${name} must be an object`)
  }
  if (file.alloc === undefined && (file.accounts === undefined || file.root == null)) {
    throw new TypeError('neither a genesis file with "alloc" nor a dump with "root" and "accounts"')
  }
}

function networkOf(name: string, file: Json, stateRoot: Hex): Network {
  const isGenesis = file.alloc != null
  const hash = isGenesis ? genesisHash(file, fromHex(stateRoot, 'state root', 32)) : undefined
  const known = Object.values(NETWORKS).find((network) =>
    isGenesis ? network.genesisHash === hash : network.stateRoot === stateRoot,
  )
  if (known !== undefined) return known
  const chainId = objectOf(file.config, 'config')?.chainId ?? 0
  return {
    name,
    chainId: Number(quantityOf(chainId, 'config.chainId', 53)),
    genesisHash: hash ?? stateRoot,
    stateRoot,
  }
}

import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import {
  createVerifier,
  fromHex,
  type Hex,
  type MemoryState,
  type MemoryStateOptions,
  memoryState,
  NETWORKS,
  type Network,
  type StateSize,
  toHex,
} from 'cambium/server'
import type { HeldState } from '../BridgeState.ts'
import { StateFileError, StateRootMismatchError } from './errors.ts'
import { allocAccounts, dumpAccounts } from './fileAccounts.ts'
import { bytesOf, objectOf, quantityOf } from './fileValues.ts'
import { genesisHash } from './genesisHash.ts'

type Json = Record<string, unknown>

/**
 * A state from a file: a geth `genesis.json` (its `alloc`), or a geth state dump
 * `{"root", "accounts": {address: {balance, nonce, root, codeHash, code, storage, key}}}`.
 *
 * The root is computed from the accounts. What a file declares, the root of a dump and the code hashes and storage roots
 * of its accounts, must be what is in it.
 *
 * The network of a state that is no known network's genesis has the file's name. A genesis file gives the chain id and
 * the hash of its genesis block; a dump names no chain: it gets chain id 0, and its root in place of the genesis hash,
 * so that clients keep every dump apart from every other.
 *
 * @throws {StateFileError} when the file cannot be read or what it holds is no state
 * @throws {StateRootMismatchError} when a dump's accounts do not have the root that it declares
 */
export async function fileSource(
  path: string,
  onProgress?: (size: StateSize) => void,
): Promise<HeldState> {
  const [file, verifier] = await Promise.all([readJson(path), createVerifier()])
  try {
    const { stateRoot, ...state } = build(file, { onProgress, verifier })
    const declared = file.root == null ? stateRoot : toHex(bytesOf(file.root, 'root', 32))
    if (declared !== stateRoot) throw new StateRootMismatchError(path, declared, stateRoot)
    return { ...state, network: networkOf(basename(path), file, stateRoot) }
  } catch (cause) {
    if (cause instanceof StateRootMismatchError) throw cause
    throw new StateFileError(path, (cause as Error).message, { cause })
  }
}

async function readJson(path: string): Promise<Json> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    throw new StateFileError(path, `cannot be read (${(cause as Error).message})`, { cause })
  }
  try {
    return objectOf(JSON.parse(text), 'its JSON') ?? {}
  } catch (cause) {
    throw new StateFileError(path, `not a JSON object (${(cause as Error).message})`, { cause })
  }
}

function build(file: Json, options: MemoryStateOptions): MemoryState {
  const alloc = objectOf(file.alloc, 'alloc')
  if (alloc !== undefined) return memoryState(allocAccounts(alloc), options)
  const accounts = objectOf(file.accounts, 'accounts')
  if (accounts === undefined || file.root == null) {
    throw new TypeError('neither a genesis file with "alloc" nor a dump with "root" and "accounts"')
  }
  return memoryState(dumpAccounts(accounts), options)
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

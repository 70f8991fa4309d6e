import { keccak_256 } from '@noble/hashes/sha3.js'
import {
  type AccountEntry,
  createVerifier,
  fromHex,
  memoryState,
  NETWORKS,
  type NetworkName,
  type StateSize,
} from 'cambium/server'
import type { HeldState } from '../BridgeState.ts'
import { StateRootMismatchError, UnknownNetworkError } from './errors.ts'

type Allocation = typeof import('@ethereumjs/genesis/hoodi').hoodiGenesis

/** An account with more than a balance. */
type Listed = Exclude<Allocation[keyof Allocation], string>

/** Each allocation is up to 1 MB of source: only the wanted one is loaded. */
const ALLOCATIONS: Record<NetworkName, () => Promise<Allocation>> = {
  mainnet: async () => (await import('@ethereumjs/genesis/mainnet')).mainnetGenesis,
  sepolia: async () => (await import('@ethereumjs/genesis/sepolia')).sepoliaGenesis,
  holesky: async () => (await import('@ethereumjs/genesis/holesky')).holeskyGenesis,
  hoodi: async () => (await import('@ethereumjs/genesis/hoodi')).hoodiGenesis,
}

/**
 * The genesis state of a network, from the allocation in `@ethereumjs/genesis`.
 *
 * @param network `'mainnet'`, `'sepolia'`, `'holesky'` or `'hoodi'`
 * @throws {UnknownNetworkError} when it is none of them
 * @throws {StateRootMismatchError} when the allocation is not that of the network
 */
export async function genesisSource(
  network: string,
  onProgress?: (size: StateSize) => void,
): Promise<HeldState> {
  if (!isNetworkName(network)) throw new UnknownNetworkError(network)
  const [allocation, verifier] = await Promise.all([ALLOCATIONS[network](), createVerifier()])
  const { stateRoot, ...state } = memoryState(entries(allocation), { onProgress, verifier })
  const expected = NETWORKS[network].stateRoot
  if (stateRoot !== expected) throw new StateRootMismatchError(network, expected, stateRoot)
  return { ...state, network: NETWORKS[network] }
}

/** Whether {@link genesisSource} knows the network. */
export function isNetworkName(name: string): name is NetworkName {
  return Object.hasOwn(NETWORKS, name)
}

function* entries(allocation: Allocation): Iterable<AccountEntry> {
  for (const [name, value] of Object.entries(allocation)) {
    const account: Listed = typeof value === 'string' ? [value] : value
    const [balance, code = '0x', storage = [], nonce = '0x0'] = account
    yield {
      name,
      hash: keccak_256(fromHex(name, 'address', 20)),
      balance: BigInt(balance),
      nonce: BigInt(nonce),
      code: fromHex(code, `code of ${name}`),
      storage: storage.map(([slot, word]) => [fromHex(slot, `slot of ${name}`, 32), BigInt(word)]),
    }
  }
}

import { bytesToNibbles } from '../../../src/trie/nibbles.ts'
import { SyncTruth, type TruthAccount } from './SyncTruth.ts'
import { wasmKeccak } from './wasmKeccak.ts'

/**
 * The 96 accounts of go-ethereum's core/state/sync_test.go: balance 11·i and nonce 42·i in the
 * arithmetic of bytes, code for every third, five slots for every fifth.
 */
export function referenceSyncAccounts(): TruthAccount[] {
  return Array.from({ length: 96 }, (_, index) => {
    const address = new Uint8Array(20)
    address[19] = index
    const slots = index % 5 === 0 ? 5 : 0
    return {
      hash: wasmKeccak(address),
      balance: BigInt((11 * index) & 0xff),
      nonce: BigInt((42 * index) & 0xff),
      code: index % 3 === 0 ? new Uint8Array(5).fill(index) : new Uint8Array(),
      storage: Array.from({ length: slots }, (_, slot) => {
        const key = wasmKeccak(Uint8Array.of(slot, index, index, index, index))
        return [wasmKeccak(key), Uint8Array.of(0xa0, ...key)] as const
      }),
    }
  })
}

/** Nibbles of an account's hash. */
export const accountPath = ({ hash }: TruthAccount) => bytesToNibbles(hash)

export const referenceSyncState = () => SyncTruth.state(referenceSyncAccounts())

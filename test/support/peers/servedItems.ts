import { bytesToHex } from '@noble/hashes/utils.js'
import type { Verifier } from '../../../src/verifier/Verifier.ts'
import { hexPairs } from '../sync/StateTruth.ts'
import type { Exchange } from './TestPeers.ts'

/**
 * What the ranges and codes of some answers brought, each as often as it came: `key=value` of
 * leaves, hashes of codes, in hexadecimal. Leaves behind a request's limit, which are no one's
 * wish, are left out.
 */
export function servedItems(
  exchanges: readonly Exchange[],
  verifier: Pick<Verifier, 'keccak256'>,
): string[] {
  return exchanges.flatMap(({ request, response }) => {
    if (response?.kind === 'AccountRange' && request.kind === 'GetAccountRange') {
      const limit = bytesToHex(request.limit)
      const wanted = hexPairs(response.accounts).filter(([key]) => key <= limit)
      return wanted.map(([key, value]) => `${key}=${value}`)
    }
    if (response?.kind === 'StorageRanges' && request.kind === 'GetStorageRanges') {
      const limit = bytesToHex(request.limit) || '~'
      return response.slots.flatMap((leaves, index) => {
        const account = bytesToHex(request.accounts[index]!)
        const wanted = hexPairs(leaves).filter(([slot]) => slot <= limit)
        return wanted.map(([slot, value]) => `${account}${slot}=${value}`)
      })
    }
    if (response?.kind === 'ByteCodes') {
      return response.codes.map((code) => bytesToHex(verifier.keccak256(code)))
    }
    return []
  })
}

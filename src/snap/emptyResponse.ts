import type { RawResponse } from './RawResponse.ts'

/** RLP of a list without items. */
const EMPTY_LIST = 0xc0

/**
 * How a server says that it has nothing of what it was asked for: no items, and no proof that there
 * are none.
 */
export function emptyFields(kind: RawResponse['kind']): Uint8Array {
  const ranges = kind === 'AccountRange' || kind === 'StorageRanges'
  return new Uint8Array(ranges ? 2 : 1).fill(EMPTY_LIST)
}

/** Whether a server had nothing of what it was asked for. */
export function isEmptyResponse({ fields }: Pick<RawResponse, 'fields'>): boolean {
  return fields.every((byte) => byte === EMPTY_LIST)
}

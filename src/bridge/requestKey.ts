import { createHash } from 'node:crypto'
import { encodeMessage } from '../snap/encodeMessage.ts'
import type { SnapRequest } from '../snap/SnapMessage.ts'

/** The same for all requests that differ in nothing but their id. */
export function requestKey(request: SnapRequest): string {
  return createHash('sha256')
    .update(encodeMessage({ ...request, id: 0n }))
    .digest('base64')
}

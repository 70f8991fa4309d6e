import { createHash } from 'node:crypto'
import { encodeMessage, type SnapRequest } from 'cambium/server'

/** The same for all requests that differ in nothing but their id. */
export function requestKey(request: SnapRequest): string {
  return createHash('sha256')
    .update(encodeMessage({ ...request, id: 0n }))
    .digest('base64')
}

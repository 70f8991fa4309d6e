import type { SnapResponse } from './SnapMessage.ts'

/** An answer that is passed on unread: one of another server, or of a cache. */
export interface RawResponse {
  kind: SnapResponse['kind']
  /** That of the request it answers. */
  id: bigint
  /**
   * The RLP of what follows the id: of each kind's one or two lists, with their headers. Shared:
   * never written to.
   */
  fields: Uint8Array
}

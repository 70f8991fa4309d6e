/**
 * The kinds of request; a peer has at most one of each in flight.
 *
 * `accounts` and `storage` are ranges and are measured in bytes; `codes`, `healNodes` and
 * `healCodes` are lookups and are measured in items.
 */
export type WorkKind = 'accounts' | 'storage' | 'codes' | 'healNodes' | 'healCodes'

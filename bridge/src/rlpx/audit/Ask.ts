import type { SnapRequest, SnapResponse } from 'cambium/server'

/** Asks any upstream for more of the same state. The caller proves what comes. */
export type Ask = (request: SnapRequest) => Promise<SnapResponse>

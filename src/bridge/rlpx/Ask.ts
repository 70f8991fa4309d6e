import type { SnapRequest, SnapResponse } from '../../snap/SnapMessage.ts'

/** Asks any upstream for more of the same state. The caller proves what comes. */
export type Ask = (request: SnapRequest) => Promise<SnapResponse>

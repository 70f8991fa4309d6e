import { CambiumError } from '../bytes/CambiumError.ts'

/** A peer sends faster than it is read: more than the queue may hold waits here. */
export class FloodingPeerError extends CambiumError {
  constructor(peer: string, unread: number, limit: number) {
    super('FLOODING_PEER', `peer ${peer} floods: ${unread} unread bytes, the limit is ${limit}`)
  }
}

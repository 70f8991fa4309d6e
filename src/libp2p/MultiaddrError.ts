import { CambiumError } from '../base/CambiumError.ts'

/** A bridge's address is not a multiaddr, or not one that this library can dial. */
export class MultiaddrError extends CambiumError {
  constructor(received: unknown, why: string, options?: { cause?: unknown }) {
    const shown = typeof received === 'string' ? `"${received.slice(0, 200)}"` : String(received)
    super('MULTIADDR', `bridge address ${shown}: ${why}`, options)
  }
}

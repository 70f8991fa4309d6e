import { type Capabilities, type Peer, type SendMethod, SNAP } from '@ethereumjs/devp2p'
import { compress } from 'snappyjs'

/** Devp2p's base protocol compresses what it carries from this version on (EIP-706). */
const SNAPPY_VERSION = 5

/**
 * Sends a message: its code within the subprotocol, and its RLP. Does nothing when the connection
 * has ended.
 */
export type SendMessage = (code: number, body: Uint8Array) => void

/** Takes a message. What it throws ends the connection. */
export type OnMessage = (code: number, body: Uint8Array) => void

export interface SubprotocolOptions {
  name: 'eth' | 'snap'
  version: number
  /** How many message codes it has. */
  length: number
  /** Called when both sides have told that they speak it, with the way out; gives the way in. */
  onOpen: (send: SendMessage) => OnMessage
}

/**
 * A subprotocol of devp2p for the list of capabilities of the library, which passes messages on as
 * they are. Those of the library decode each into objects, and know `eth` up to version 68, of
 * networks that they know.
 */
export function subprotocol({ name, version, length, onOpen }: SubprotocolOptions): Capabilities {
  // The library exports no base of its protocols; of this one, nothing is left but the shape.
  class Passing extends SNAP {
    readonly #onMessage: OnMessage

    constructor(_version: number, peer: Peer, send: SendMethod) {
      super(version, peer, send)
      this.#onMessage = onOpen((code, body) => {
        const { protocolVersion = 0 } = peer.getHelloMessage() ?? {}
        send(code, protocolVersion >= SNAPPY_VERSION ? compress(body) : body)
      })
    }

    override _handleMessage(code: number, body: Uint8Array): void {
      this.#onMessage(code, body)
    }
  }
  return { name, version, length, constructor: Passing }
}

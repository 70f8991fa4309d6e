/**
 * What this library uses of libp2p 3, so its public types need no libp2p. A node of `createLibp2p`
 * is a {@link Libp2pNode} as it is.
 */

/** A multiaddr. */
export interface Libp2pAddress {
  toString(): string
  getComponents(): { code: number; name: string; value?: string }[]
}

/** A stream of bytes over a connection. */
export interface Libp2pStream {
  readonly status: string
  readonly readableEnded: boolean
  readonly writableNeedsDrain: boolean
  /** Bytes that wait to be sent. */
  readonly writeBufferLength: number
  /** Bytes that one `message` event may bring. */
  readonly maxReadBufferLength: number
  send(bytes: Uint8Array | Libp2pBytes): boolean
  close(options?: { signal?: AbortSignal }): Promise<void>
  abort(reason: Error): void
  addEventListener(type: 'message', listener: (event: Libp2pMessage) => void): void
  addEventListener(type: 'close', listener: (event: Libp2pClose) => void): void
  addEventListener(type: 'drain' | 'end', listener: () => void): void
  removeEventListener(type: 'message', listener: (event: Libp2pMessage) => void): void
  removeEventListener(type: 'close' | 'drain' | 'end', listener: () => void): void
}

/** Bytes in several arrays: a `Uint8ArrayList`, of any copy of that library. */
export interface Libp2pBytes extends Iterable<Uint8Array> {
  readonly byteLength: number
}

/** Bytes came. */
export interface Libp2pMessage {
  data: Uint8Array | Libp2pBytes
}

/** The stream ended, by `error` if it broke. */
export interface Libp2pClose {
  error?: Error
}

/** An encrypted connection to one peer. */
export interface Libp2pConnection {
  readonly remotePeer: { toString(): string }
  readonly remoteAddr: Libp2pAddress
  newStream(protocol: string, options: { signal: AbortSignal }): Promise<Libp2pStream>
  close(): Promise<void>
  abort(reason: Error): void
}

/** A started libp2p node. */
export interface Libp2pNode {
  /** `address` is a {@link Libp2pAddress}; `never` lets libp2p declare more kinds of targets. */
  dial(address: never, options: { signal: AbortSignal }): Promise<Libp2pConnection>
  getConnections(): readonly Libp2pConnection[]
}

/**
 * A duplex of whole frames to one peer. A frame is one byte of snap/1 message code followed by the
 * RLP body. Iterating yields the peer's frames in order; the iteration ends when the pipe closes
 * and throws when it broke. Each frame owns its `ArrayBuffer`: who receives it may transfer it, or
 * write over it.
 */
export interface FramePipe extends AsyncIterable<Uint8Array> {
  /** Who is at the other end, for people and for blame: a peer id. */
  readonly peer: string
  /** How the peer is reached: `'webrtc'`, `'websocket'`, `'memory'`, … */
  readonly transport: string
  /**
   * Queues a frame and takes it over: its buffer may be transferred. Does not wait for it to leave.
   * After `close` it does nothing.
   */
  send(frame: Uint8Array): void
  /**
   * Resolves when the queue of sent frames is short enough for more, or the pipe closed; never
   * rejects. A sender that is faster than its peer waits here. Absent if frames leave at once.
   */
  drain?(): Promise<void>
  /**
   * Ends both directions; idempotent. The iteration on this side ends; the other side may learn the
   * reason.
   */
  close(reason?: Error): void
}

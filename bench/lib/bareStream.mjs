/** A stream that is asked for a number of bytes, in a frame of four, and sends them. */
export const BARE_PROTOCOL = '/cambium-bench/bytes/1.0.0'

/** Bytes that are sent at once: what an answer has. */
export const BARE_FRAME = 512 * 1024

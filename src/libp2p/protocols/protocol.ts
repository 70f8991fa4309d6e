/** libp2p protocol under which a peer speaks snap/1: one long-lived stream of frames. */
export const SNAP_PROTOCOL = '/cambium/snap/1.0.0'

/**
 * libp2p protocol under which a bridge announces the newest block: a stream of frames, read only.
 */
export const HEAD_PROTOCOL = '/cambium/head/1.0.0'

/**
 * libp2p protocol under which a page tells a bridge that an answer of its was false: one frame,
 * then the end.
 */
export const FAULT_PROTOCOL = '/cambium/fault/1.0.0'

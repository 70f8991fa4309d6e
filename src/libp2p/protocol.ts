/** libp2p protocol under which a peer speaks snap/1: one long-lived stream of frames. */
export const SNAP_PROTOCOL = '/cambium/snap/1.0.0'

/** libp2p protocol under which a bridge announces the newest block: a stream of frames, read only. */
export const HEAD_PROTOCOL = '/cambium/head/1.0.0'

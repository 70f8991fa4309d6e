/** libp2p protocol under which a peer speaks snap/1: one long-lived stream of frames. */
export const SNAP_PROTOCOL = '/cambium/snap/1.0.0'

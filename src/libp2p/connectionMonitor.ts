/**
 * How both sides notice that the other vanished without a word: a ping each 3 s, and 8 s for its
 * answer. With libp2p's defaults it takes 15 s. Not shorter: on a link of 2 Mbit/s the answer waits
 * 8 s behind the 2 MiB that a data channel queues.
 */
export const CONNECTION_MONITOR = {
  pingInterval: 3_000,
  pingTimeout: { minTimeout: 8_000 },
}

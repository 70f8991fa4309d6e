import type { Upgrader } from '@libp2p/interface'

/** Handshakes that one may begin while others are under way. */
const MAX_HANDSHAKES = 64

/**
 * Lets so many WebRTC handshakes be under way at a time. libp2p begins one, a peer connection with
 * memory and a timer of ten seconds, for each new pair of address and name in a UDP packet, which
 * anybody can make up: none of its limits holds before the handshake is over.
 *
 * @param components those of libp2p, as a transport is given them
 * @param onRefuse told of each handshake that is not begun
 * @returns the same, with an upgrader that hands out no more signals than that which are not
 *   aborted
 */
export function limitHandshakes<Components extends { upgrader: Upgrader }>(
  components: Components,
  onRefuse: () => void,
): Components {
  let pending = 0
  const { upgrader } = components
  const createInboundAbortSignal: Upgrader['createInboundAbortSignal'] = (signal) => {
    if (pending >= MAX_HANDSHAKES) {
      onRefuse()
      return upgrader.createInboundAbortSignal(AbortSignal.abort())
    }
    pending++
    const own = upgrader.createInboundAbortSignal(signal)
    const clear = own.clear.bind(own)
    let cleared = false
    own.clear = () => {
      if (!cleared) pending--
      cleared = true
      clear()
    }
    return own
  }
  const limited = Object.assign(Object.create(upgrader), { createInboundAbortSignal })
  return new Proxy(components, {
    get: (target, key) => (key === 'upgrader' ? limited : Reflect.get(target, key)),
  })
}

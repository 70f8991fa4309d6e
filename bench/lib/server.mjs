// A bridge over a synthetic state, and beside it a bare libp2p stream: the other end of what `sync`
// measures, in a process of its own. Started by `startServer.mjs`, to which it tells what it
// serves.

import { bridgeNode } from '../../bridge/dist/bridgeNode.js'
import { freePort } from '../../bridge/dist/freePort.js'
import { loadIdentity } from '../../bridge/dist/identity/loadIdentity.js'
import { createBridge } from '../../bridge/dist/index.js'
import { toHex } from '../../dist/base/bytes/hex.js'
import { streamPipe } from '../../dist/libp2p/streamPipe.js'
import { BARE_FRAME, BARE_PROTOCOL } from './bareStream.mjs'
import { servedStates } from './servedStates.mjs'

/** @type {import('./startServer.mjs').ServerOptions} */
const { directory, accounts, contracts, changed } = JSON.parse(process.argv[2] ?? '')

const began = performance.now()
const shape = { seed: 1, accounts, contracts }
const { state, roots, differing, addresses, near } = await servedStates(shape, changed)
const builtMs = performance.now() - began
const network = {
  ...{ name: 'synthetic', chainId: 1337 },
  genesisHash: toHex(new Uint8Array(32)),
  stateRoot: state.stateRoot,
}
const ports = { webrtcPort: 0, wsPort: 0, httpPort: 0 }
const bridge = await createBridge({
  ...{ state: { ...state, network }, identityDir: `${directory}/bridge`, cacheBytes: 0 },
  ...ports,
})
const node = await bridgeNode({
  identity: await loadIdentity(`${directory}/bare`),
  listen: [`/ip4/127.0.0.1/udp/${await freePort('WebRTC', 'udp', '127.0.0.1', 0)}/webrtc-direct`],
  announce: [],
})
await node.handle(BARE_PROTOCOL, async (stream) => {
  const pipe = streamPipe(stream, { peer: 'bench', transport: 'webrtc' })
  for await (const frame of pipe) {
    let left = new DataView(frame.buffer, frame.byteOffset).getUint32(0)
    for (; left > 0; left -= Math.min(left, BARE_FRAME)) {
      pipe.send(new Uint8Array(Math.min(left, BARE_FRAME)).fill(left))
      await pipe.drain?.()
    }
  }
})

process.send?.({
  bridge: bridge.multiaddrs.filter((address) => address.includes('webrtc-direct')),
  bare: node.getMultiaddrs().map(String),
  ...{ roots, differing, addresses, near, builtMs },
  slots: state.slots,
})
process.on('disconnect', () => process.exit())

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'vitest'
import { fromHex } from '../bytes/hex.ts'
import { libp2pPeers } from '../libp2p/libp2pPeers.ts'
import { decodeMessage } from '../snap/decodeMessage.ts'
import { encodeMessage } from '../snap/encodeMessage.ts'
import { createBridge } from './createBridge.ts'
import { genesisSource } from './sources/genesisSource.ts'

describe('createBridge', () => {
  let identityDir: string
  beforeEach(async () => {
    identityDir = await mkdtemp(join(tmpdir(), 'cambium-bridge-'))
  })
  afterEach(() => rm(identityDir, { recursive: true }))

  it.each(['webrtc'] as const)('serves over %s', async (transport) => {
    const state = await genesisSource('hoodi')
    const bridge = await createBridge({ state, identityDir, webrtcPort: 0, wsPort: 0, httpPort: 0 })
    console.log(bridge)
    const stop = new AbortController()
    const peers = libp2pPeers({ bridges: bridge.multiaddrs, transports: [transport] })
    for await (const pipe of peers({ signal: stop.signal, onEvent: console.log })) {
      pipe.send(
        encodeMessage({
          kind: 'GetAccountRange',
          id: 7n,
          root: fromHex(state.network.stateRoot, 'root'),
          origin: new Uint8Array(32),
          limit: new Uint8Array(32).fill(255),
          bytes: 500000,
        }),
      )
      for await (const frame of pipe) {
        const m = decodeMessage(frame)
        console.log(m.kind, frame.length)
        break
      }
      console.time('stop')
      stop.abort()
    }
    console.timeEnd('stop')
    await bridge.stop()
    console.timeLog('stop')
  })
})

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Connection } from '@libp2p/interface'
import {
  ChangingState,
  fromHex,
  SNAP_PROTOCOL,
  type StateSource,
  serveSnap,
  streamPipe,
} from 'cambium/server'
import { describe, expect, it, onTestFinished } from 'vitest'
import { memoryPipes } from '../../src/pipes/memoryPipes.ts'
import { stateHandler } from '../../src/snap/server/stateHandler.ts'
import { syntheticAccounts } from '../../src/testing/syntheticAccounts.ts'
import type { Ask } from '../../test/rules/Ask.ts'
import { askOverPipe } from '../../test/rules/askOverPipe.ts'
import { describeState } from '../../test/rules/describeState.ts'
import { runRules } from '../../test/rules/runRules.ts'
import { sameAnswers } from '../../test/rules/sameAnswers.ts'
import { dialBridge } from '../test/dialBridge.ts'
import { dialNode } from '../test/dialNode.ts'
import { ExecutionHeaders } from '../test/ExecutionHeaders.ts'
import { executionNode } from '../test/executionNode.ts'
import { ruleDump } from '../test/ruleDump.ts'
import { hoodiState, temporaryDir, testBridge } from '../test/testBridge.ts'
import type { HeldState } from './BridgeState.ts'
import type { Bridge } from './createBridge.ts'
import { rlpxState } from './rlpx/rlpxState.ts'
import { fileSource } from './sources/fileSource.ts'
import { genesisSource } from './sources/genesisSource.ts'

const TRANSPORTS = ['webrtc', 'websocket'] as const

/** What a bridge aims at. */
const BRIDGE_BYTES = 512 * 1024

let dump: Promise<HeldState> | undefined

/** A state from a dump that is written to a file and read again. */
function dumpedState(): Promise<HeldState> {
  dump ??= ruleDump().then(async (contents) => {
    const path = join(await temporaryDir(), 'dump.json')
    await writeFile(path, JSON.stringify(contents))
    return fileSource(path)
  })
  return dump
}

function truthOf({ source, network }: HeldState, mostBytes?: number) {
  const root = fromHex(network.stateRoot, 'root', 32)
  return describeState(source, root, mostBytes === undefined ? {} : { mostBytes })
}

/** In this process, without a network. */
function within(source: StateSource): Ask {
  return askOverPipe(() => {
    const [client, server] = memoryPipes()
    void serveSnap(server, stateHandler(source))
    return client
  })
}

/**
 * Over libp2p, as a page; as another one after each broken rule, as a bridge bans a peer that keeps
 * breaking them.
 */
function overLibp2p(bridge: Bridge, transport: (typeof TRANSPORTS)[number]): Ask {
  let connection: Connection | undefined
  return askOverPipe(async () => {
    await connection?.close()
    connection = await dialBridge(bridge, transport)
    const stream = await connection.newStream(SNAP_PROTOCOL)
    return streamPipe(stream, { peer: bridge.peerId, transport })
  })
}

/** Rules about states that are too old, which a state that never changes gives no occasion for. */
function isOfAge(rule: string): boolean {
  return !rule.startsWith('of ')
}

describe('the server rules are kept', () => {
  it('by a dump', async () => {
    const state = await dumpedState()
    const { broken, skipped } = await runRules(within(state.source), truthOf(state))
    expect(broken).toEqual([])
    expect(skipped.filter(isOfAge)).toEqual([])
  })

  it("by hoodi's genesis, whose contracts are too small for embedded nodes", async () => {
    const state = await hoodiState()
    const { broken, skipped } = await runRules(within(state.source), truthOf(state))
    expect(broken).toEqual([])
    expect(skipped.filter(isOfAge)).toEqual([
      'nodes: a node that is part of its parent: it and the rest of its set left out',
    ])
  })

  it("by mainnet's genesis, whose accounts have neither slots nor code", async () => {
    const state = await genesisSource('mainnet')
    const { broken, skipped } = await runRules(within(state.source), truthOf(state))
    expect(broken).toEqual([])
    const skippedOf = (kind: string) => skipped.filter((rule) => rule.startsWith(`${kind}: `))
    expect(skippedOf('messages')).toEqual([])
    expect(skippedOf('accounts')).toEqual(['accounts: none for the root of a storage trie'])
  })

  it('by a state that changes, for the oldest of 128 states too', async () => {
    const chain = new ChangingState(syntheticAccounts({ seed: 1, accounts: 200 }), { seed: 1 })
    const roots = Array.from({ length: 150 }, () => chain.advance().stateRoot)
    const [staleRoot, oldestRoot] = [roots.at(-129)!, roots.at(-128)!]
    const truth = describeState(chain.source, chain.head.stateRoot, { staleRoot, oldestRoot })
    const { broken, skipped } = await runRules(within(chain.source), truth)
    expect(broken).toEqual([])
    expect(skipped).toEqual([])
  })

  it.each(TRANSPORTS)('by a bridge over %s, with the same answers', async (transport) => {
    const state = await dumpedState()
    const ask = overLibp2p(await testBridge({ state }), transport)
    const truth = truthOf(state, BRIDGE_BYTES)
    const { broken, skipped } = await runRules(ask, truth)
    expect(broken).toEqual([])
    expect(skipped.filter(isOfAge)).toEqual([])
    expect(await sameAnswers(within(state.source), ask, truth)).toEqual([])
  })

  it('by a node over devp2p, with the same answers', async () => {
    const state = await dumpedState()
    const truth = truthOf(state)
    const { source } = state
    const node = await executionNode({ source, headers: new ExecutionHeaders([truth.root]) })
    onTestFinished(() => node.stop())
    const ask = askOverPipe(async () => {
      const { snap } = await dialNode(node.enode)
      onTestFinished(() => snap.close())
      return snap
    })
    expect((await runRules(ask, truth)).broken).toEqual([])
    expect(await sameAnswers(within(source), ask, truth)).toEqual([])
  })

  it.each(TRANSPORTS)(
    'by a bridge that relays from a node, over %s, with the same answers',
    async (transport) => {
      const state = await dumpedState()
      const truth = truthOf(state, BRIDGE_BYTES)
      const { source } = state
      const node = await executionNode({ source, headers: new ExecutionHeaders([truth.root]) })
      onTestFinished(() => node.stop())
      const bridge = await testBridge({ state: await rlpxState(node.enode) })
      const ask = overLibp2p(bridge, transport)
      expect((await runRules(ask, truth)).broken).toEqual([])
      expect(await sameAnswers(within(source), ask, truth)).toEqual([])
      // No rule has cost the bridge its connection.
      expect(node.connections).toBe(1)
    },
  )
})

import { FAULT_PROTOCOL, type FramePipe, SnapClient, streamPipe } from 'cambium/server'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { libp2pPeers } from '../../../src/libp2p/libp2pPeers.ts'
import { FalseAnswerError } from '../../../src/pipes/errors.ts'
import { stateHandler } from '../../../src/snap/server/stateHandler.ts'
import { provideWebSocket } from '../../../test/support/libp2p/nodeWebSocket.ts'
import { sampleState } from '../../../test/support/snap/sampleState.ts'
import { dialBridge } from '../../test/dialBridge.ts'
import { ExecutionHeaders } from '../../test/ExecutionHeaders.ts'
import { type ExecutionNode, executionNode } from '../../test/executionNode.ts'
import { testBridge } from '../../test/testBridge.ts'
import type { BridgeEvent } from '../BridgeEvent.ts'
import type { Bridge } from '../createBridge.ts'
import { rlpxState } from '../rlpx/rlpxState.ts'

const { source, root } = sampleState()
const honest = stateHandler(source)
const question = {
  root,
  origin: new Uint8Array(32),
  limit: new Uint8Array(32).fill(0xff),
  bytes: 4000,
}

beforeAll(provideWebSocket)

async function relaying(nodes: number) {
  const headers = new ExecutionHeaders([root])
  const started: ExecutionNode[] = []
  for (let count = 0; count < nodes; count++) started.push(await executionNode({ source, headers }))
  onTestFinished(async () => {
    for (const node of started) await node.stop()
  })
  const lost: string[] = []
  const state = await rlpxState(started.map(({ enode }) => enode).join(), {
    onEvent: (event) => event.type === 'lost' && lost.push(event.reason),
  })
  await expect.poll(() => started.map(({ peers }) => peers.length)).toEqual(started.map(() => 1))
  const events: BridgeEvent[] = []
  const bridge = await testBridge({ state, onEvent: (event) => events.push(event) })
  return { bridge, nodes: started, lost, events }
}

/** A page's connections to a bridge, one after the other. */
function page(bridge: Bridge) {
  const stop = new AbortController()
  const options = { bridges: bridge.multiaddrs, transports: ['websocket'] as const }
  const peers = libp2pPeers({ ...options, backOff: { firstMs: 1, maxMs: 1 } })
  const pipes = peers({ signal: stop.signal, onEvent: () => {} })[Symbol.asyncIterator]()
  onTestFinished(async () => {
    stop.abort()
    await pipes.return?.()
  })
  return async () => (await pipes.next()).value!
}

async function drained(pipe: FramePipe): Promise<void> {
  try {
    for await (const _ of pipe);
  } catch {
    // How it ended does not matter here.
  }
}

describe('a page that says which answer was false', () => {
  it('is believed after a look, and gets its answer from another node', async () => {
    const { bridge, nodes, lost, events } = await relaying(2)
    let liar: ExecutionNode | undefined
    for (const node of nodes) {
      node.tricks.answer = (_, answer) => {
        // Whichever is asked first.
        liar ??= node
        const told = answer()
        if (node !== liar || told.kind !== 'AccountRange') return told
        return { ...told, proof: told.proof.slice(1) }
      }
    }
    const next = page(bridge)
    const pipe = await next()
    const answer = await new SnapClient(pipe).getAccountRange(question)
    expect(answer).not.toEqual(honest({ ...question, kind: 'GetAccountRange', id: answer.id }))
    pipe.close(new FalseAnswerError(answer.id, new Error('proof node missing')))

    await expect.poll(() => lost).toEqual(['gave a false answer to GetAccountRange'])
    const again = await new SnapClient(await next()).getAccountRange(question)
    expect(again).toEqual(honest({ ...question, kind: 'GetAccountRange', id: again.id }))
    expect(events.filter(({ type }) => type === 'refuted')).toMatchObject([
      { kind: 'GetAccountRange' },
    ])
  })

  it('spares others all answers of a liar, not only that one', async () => {
    const { bridge, nodes, lost } = await relaying(1)
    const [node] = nodes
    node!.tricks.answer = (_, answer) => {
      const told = answer()
      return told.kind === 'AccountRange' ? { ...told, proof: told.proof.slice(1) } : told
    }
    const next = page(bridge)
    const pipe = await next()
    const client = new SnapClient(pipe)
    const other = { ...question, bytes: 500 }
    await client.getAccountRange(other)
    const { id } = await client.getAccountRange(question)
    pipe.close(new FalseAnswerError(id, new Error('proof node missing')))
    await expect.poll(() => lost).toEqual(['gave a false answer to GetAccountRange'])
    // Nobody is left to ask: what comes now would be out of memory.
    expect(await new SnapClient(await next()).getAccountRange(other)).toMatchObject({ proof: [] })
  })

  it('is not believed where the answer holds', async () => {
    const { bridge, lost, events, nodes } = await relaying(1)
    const next = page(bridge)
    const pipe = await next()
    const answer = await new SnapClient(pipe).getAccountRange(question)
    pipe.close(new FalseAnswerError(answer.id, new Error('made up')))
    await expect.poll(() => events.map(({ type }) => type)).toContain('refuted')
    const again = await new SnapClient(await next()).getAccountRange(question)
    expect(again).toEqual(honest({ ...question, kind: 'GetAccountRange', id: again.id }))
    expect(lost).toEqual([])
    expect(nodes[0]!.peers).toHaveLength(1)
  })

  it('cannot say so of what it did not ask, nor say anything else', async () => {
    const { bridge, events } = await relaying(1)
    for (const frame of [Uint8Array.of(0xc1, 7), Uint8Array.of(0x07), new Uint8Array(11)]) {
      const connection = await dialBridge(bridge, 'websocket')
      const stream = await connection.newStream(FAULT_PROTOCOL)
      const pipe = streamPipe(stream, { peer: 'bridge', transport: 'websocket' })
      pipe.send(frame)
      // The bridge ends the stream.
      await drained(pipe)
    }
    expect(events.filter(({ type }) => type === 'refuted')).toEqual([])
  })
})

import { DISCONNECT_REASON } from '@ethereumjs/devp2p'
import { type NestedUint8Array, RLP } from '@ethereumjs/rlp'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { decodeMessage, encodeMessage, type SnapRequest } from 'cambium/server'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { SnapMessage } from '../../src/snap/SnapMessage.ts'
import { stateHandler } from '../../src/snap/server/stateHandler.ts'
import { sampleState } from '../../test/support/snap/sampleState.ts'
import { dialNode } from './dialNode.ts'
import { ExecutionHeaders } from './ExecutionHeaders.ts'
import { type ExecutionNode, type ExecutionNodeOptions, executionNode } from './executionNode.ts'

const state = sampleState()
const OTHER_ROOT = new Uint8Array(32).fill(7)
const codes: SnapRequest = {
  kind: 'GetByteCodes',
  id: 5n,
  hashes: state.codes.map((code) => keccak_256(code)),
  bytes: 10_000,
}
const honest = stateHandler(state.source)(codes)

async function startNode(options: Partial<ExecutionNodeOptions> = {}) {
  const headers = new ExecutionHeaders([state.root, OTHER_ROOT, state.root])
  const node = await executionNode({ source: state.source, headers, ...options })
  onTestFinished(() => node.stop())
  return { node, headers }
}

/** Connects, says hello and the status, and keeps what comes. */
async function connect(node: ExecutionNode, version: 68 | 69, networkId?: number) {
  const genesisHash = new ExecutionHeaders([state.root]).genesis.hash
  const given = version === 68 ? { networkId: networkId ?? 1337, genesisHash } : { networkId }
  const client = await dialNode(node.enode, { version, ...given })
  onTestFinished(() => client.snap.close())
  const answers: SnapMessage[] = []
  void (async () => {
    for await (const frame of client.snap) answers.push(decodeMessage(frame))
  })()
  return {
    client,
    answers,
    ask: (message: SnapMessage) => client.snap.send(encodeMessage(message)),
  }
}

/** Connects, and waits for the node to take the status. */
async function join(node: ExecutionNode, version: 68 | 69) {
  const before = node.peers.length
  const client = await connect(node, version)
  await vi.waitFor(() => expect(node.peers.length).toBe(before + 1))
  return client
}

describe.each([68, 69] as const)('a node over eth/%i', (version) => {
  it('serves state and headers', async () => {
    const { node, headers } = await startNode()
    const { client, answers, ask } = await join(node, version)
    expect(node.peers).toEqual([`eth/${version}`])
    ask(codes)
    client.send(3, [9, [headers.head.hash, 5, 1, 1]])
    client.send(3, [10, [1, 1, 0, 0]])
    await vi.waitFor(() => expect(client.eth.filter(([code]) => code === 4).length).toBe(2))
    await vi.waitFor(() => expect(answers).toEqual([honest]))
    const headerLists = client.eth.filter(([code]) => code === 4)
    const numbers = headerLists
      .map(([, message]) => message)
      .map(([id, list]) => [
        Number(id),
        (list as NestedUint8Array[]).map((header) => keccak_256(RLP.encode(header))),
      ])
    const { genesis, head } = headers
    const [one] = headers.find({ start: 1, limit: 1, skip: 0, reverse: false })
    expect(numbers).toEqual([
      [9, [head.hash, genesis.hash]],
      [10, [one!.hash]],
    ])
    expect(node.requests).toEqual([codes])
    expect(node.headerQueries.map(({ limit }) => limit)).toEqual([5, 1])
    expect(node.faults).toEqual([])
  })

  it('asks for headers itself', async () => {
    const { node } = await startNode()
    const { client } = await join(node, version)
    const counts = node.askHeaders()
    await vi.waitFor(() => expect(client.eth.at(-1)?.[0]).toBe(3))
    client.send(4, [client.eth.at(-1)![1][0]!, []])
    expect(await counts).toEqual([0])
  })

  it('turns away who is of another network', async () => {
    const { node } = await startNode()
    const { client } = await connect(node, version, 1)
    await vi.waitFor(() => expect(client.closed).toBeDefined())
    expect(node.peers).toEqual([])
    expect(node.faults.length).toBe(1)
  })

  it('refuses when told to', async () => {
    const { node } = await startNode()
    node.tricks.refuse = DISCONNECT_REASON.TOO_MANY_PEERS
    const { client } = await connect(node, version)
    await vi.waitFor(() => expect(client.closed).toBe(DISCONNECT_REASON.TOO_MANY_PEERS))
  })

  it('lies and stalls when told to, and ends the connection of who asks what is not allowed', async () => {
    const { node } = await startNode()
    const { client, answers, ask } = await join(node, version)
    const lie = { kind: 'ByteCodes', id: codes.id, codes: [Uint8Array.of(1)] } as const
    node.tricks.answer = (request) => (request.id === 5n ? lie : undefined)
    node.tricks.headers = () => []
    ask({ ...codes, id: 4n })
    ask(codes)
    client.send(3, [9, [0, 5, 0, 0]])
    await vi.waitFor(() => expect(answers).toEqual([lie]))
    await vi.waitFor(() => expect(client.eth.at(-1)?.[1]).toEqual([Uint8Array.of(9), []]))
    node.tricks.answer = undefined
    ask({ kind: 'GetTrieNodes', id: 6n, root: state.root, paths: [[]], bytes: 1 })
    await vi.waitFor(() => expect(client.closed).toBe(DISCONNECT_REASON.SUBPROTOCOL_ERROR))
    expect(node.faults).toMatchObject([{ code: 'SNAP_REQUEST' }])
    expect(node.requests.length).toBe(3)
  })

  it('comes back after a stop, under its old name', async () => {
    const { node } = await startNode()
    const first = await join(node, version)
    node.drop()
    await vi.waitFor(() => expect(first.client.closed).toBe('cut'))
    await vi.waitFor(() => expect(node.peers).toEqual([]))
    await node.stop()
    await expect(connect(node, version)).rejects.toThrow('ECONNREFUSED')
    await node.restart()
    await join(node, version)
    expect(node.connections).toBe(2)
  })
})

describe('a node over eth/69', () => {
  it('tells its blocks in the status and when they change, a reorg too', async () => {
    const { node, headers } = await startNode()
    const { client } = await join(node, 69)
    const numbers = ([code, message]: readonly [number, NestedUint8Array]) => [
      code,
      ...message.slice(-3).map((item, at) => (at < 2 ? Number(`0x0${hex(item)}`) : hex(item))),
    ]
    const hex = (item: unknown) => Buffer.from(item as Uint8Array).toString('hex')
    expect(client.eth.map(numbers)).toEqual([[0, 0, 2, hex(headers.head.hash)]])
    const longer = headers.extend(OTHER_ROOT)
    node.announce()
    const other = headers.extend(OTHER_ROOT, { after: 1 })
    node.announce()
    await vi.waitFor(() => expect(client.eth.length).toBe(3))
    expect(client.eth.slice(1).map(numbers)).toEqual([
      [0x11, 0, 3, hex(longer.hash)],
      [0x11, 0, 2, hex(other.hash)],
    ])
  })

  it('is spoken where both have it, and eth/68 where one has not', async () => {
    const { node } = await startNode({ capabilities: ['eth/69', 'eth/68', 'snap/1'] })
    await join(node, 69)
    expect(node.peers).toEqual(['eth/69'])
    const { node: old } = await startNode({ capabilities: ['eth/68', 'snap/1'] })
    await join(old, 68)
    expect(old.peers).toEqual(['eth/68'])
  })
})

describe('headers', () => {
  it('make a chain by their hashes, of which a reorg leaves the old part findable', () => {
    const headers = new ExecutionHeaders([state.root, OTHER_ROOT, OTHER_ROOT])
    const gone = headers.head
    const all = () => headers.find({ start: 0, limit: 10, skip: 0, reverse: false })
    headers.extend(state.root, { after: 0 })
    headers.extend(state.root)
    expect(all().map(({ stateRoot }) => stateRoot)).toEqual(new Array(3).fill(state.root))
    expect(all()[1]!.parentHash).toEqual(all()[0]!.hash)
    const back = headers.find({ start: gone.hash, limit: 10, skip: 0, reverse: true })
    expect(back.map(({ number }) => number)).toEqual([2, 1, 0])
    const forward = headers.find({ start: back[1]!.hash, limit: 10, skip: 0, reverse: false })
    expect(forward).toEqual([back[1]])
    for (const { rlp, hash } of [...all(), ...back]) expect(keccak_256(rlp)).toEqual(hash)
  })
})

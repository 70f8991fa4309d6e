import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo, Server, Socket } from 'node:net'
import { type Capabilities, DISCONNECT_REASON, ETH, type Peer, RLPx } from '@ethereumjs/devp2p'
import { type Input, type NestedUint8Array, RLP } from '@ethereumjs/rlp'
import { bytesToHex, concatBytes } from '@noble/hashes/utils.js'
import {
  compareBytes,
  decodeMessage,
  encodeMessage,
  type SnapRequest,
  type SnapResponse,
  type StateSource,
} from 'cambium/server'
import type { SnapMessage } from '../../src/snap/SnapMessage.ts'
import { stateHandler } from '../../src/snap/server/stateHandler.ts'
import { chainCommon } from './chainCommon.ts'
import type { ExecutionHeader, ExecutionHeaders, HeaderQuery } from './ExecutionHeaders.ts'
import { rawCapability, type SendRaw } from './rawCapability.ts'

type CapabilityName = 'eth/68' | 'eth/69' | 'snap/1'

export interface ExecutionNodeOptions {
  /** What snap/1 is answered from. */
  source: StateSource
  /**
   * What `GetBlockHeaders` is answered from; its first and its newest block are told in `Status`.
   */
  headers: ExecutionHeaders
  /** @default 1337 */
  networkId?: number
  /**
   * What it offers; of two of `eth`, the newest that both sides have is spoken. @default all three
   */
  capabilities?: readonly CapabilityName[]
}

/** What a node does instead of what is right; may be changed while it runs. */
export interface NodeTricks {
  /** Turns every peer away, right after the handshake, for this reason. */
  refuse?: DISCONNECT_REASON | undefined
  /**
   * Called with each request of snap/1; its result is sent in place of the right answer, which
   * `honest` gives. `undefined`: nothing is ever sent. What it throws ends the connection.
   */
  answer?:
    | ((
        request: SnapRequest,
        honest: () => SnapResponse,
      ) => SnapResponse | undefined | Promise<SnapResponse | undefined>)
    | undefined
  /** The same for `GetBlockHeaders`. */
  headers?:
    | ((
        query: HeaderQuery,
        honest: readonly ExecutionHeader[],
      ) => readonly Uint8Array[] | undefined)
    | undefined
}

/**
 * An execution client as seen from outside: devp2p on a port of the loopback address, in this
 * process.
 */
export interface ExecutionNode {
  /** The same after a restart, as are key and port. */
  readonly enode: string
  readonly port: number
  readonly tricks: NodeTricks
  /** What was asked over snap/1, of all peers, in the order in which it came. */
  readonly requests: readonly SnapRequest[]
  readonly headerQueries: readonly HeaderQuery[]
  /** Peers whose status was right and that are connected; each is told as its version of `eth`. */
  readonly peers: readonly ('eth/68' | 'eth/69')[]
  /** How many connections have come so far, open or ended. */
  readonly connections: number
  /** What went wrong with a peer: why connections ended that did not just close. */
  readonly faults: readonly Error[]
  /**
   * Tells all peers of the head that `headers` has now. Only eth/69 has a message for it, since
   * eth/68 leaves it to consensus clients.
   */
  announce(): void
  /**
   * Asks the peers for the headers from block 0 on, as execution clients do; resolves to how many
   * each sent.
   */
  askHeaders(): Promise<number[]>
  /** Asks the peers for accounts, as one does that syncs itself; resolves to what each sent. */
  askAccounts(): Promise<SnapMessage[]>
  /** Cuts all connections, and takes new ones. */
  drop(): void
  /** Cuts all connections and takes no more; idempotent. */
  stop(): Promise<void>
  /** Listens again, after a stop, with the same key on the same port. */
  restart(): Promise<void>
}

/** A peer that has passed the handshake of `eth`. */
interface Session {
  eth: 'eth/68' | 'eth/69'
  send: (code: number, message: Input) => void
}

const STATUS = 0x00
const GET_BLOCK_HEADERS = 0x03
const BLOCK_HEADERS = 0x04
const BLOCK_RANGE_UPDATE = 0x11
/**
 * GetBlockBodies, GetPooledTransactions, GetReceipts: the answer's code is one more; there is
 * nothing to tell.
 */
const OTHER_REQUESTS: readonly number[] = [0x05, 0x09, 0x0f]

/**
 * Starts a node. The caller stops it.
 *
 * @example
 * const headers = new ExecutionHeaders([root])
 * const node = await executionNode({ source, headers })
 * onTestFinished(() => node.stop())
 * headers.extend(nextRoot)
 * node.announce()
 * node.tricks.answer = () => undefined     // stalls
 */
export async function executionNode(options: ExecutionNodeOptions): Promise<ExecutionNode> {
  const { source, headers, networkId = 1337 } = options
  const { capabilities: offered = ['eth/68', 'eth/69', 'snap/1'] } = options
  const privateKey = new Uint8Array(randomBytes(32))
  const common = chainCommon(networkId, headers.genesis.hash)
  const forkId = [hexBytes(common.forkHash()), 0]
  const handler = stateHandler(source)
  const tricks: NodeTricks = {}
  const requests: SnapRequest[] = []
  const headerQueries: HeaderQuery[] = []
  const faults: Error[] = []
  const sessions = new Map<Peer, Session>()
  const sockets = new Set<Socket>()
  const asked = new Map<bigint, (count: number) => void>()
  let connections = 0
  let lastId = 0n

  const fail = (peer: Peer, error: unknown) => {
    faults.push(error instanceof Error ? error : new Error(String(error)))
    peer.disconnect(DISCONNECT_REASON.SUBPROTOCOL_ERROR)
  }

  /** What both versions of `eth` have after their status. */
  function onEthMessage(session: Session, code: number, message: NestedUint8Array): void {
    const [id, body] = message as [Uint8Array, NestedUint8Array]
    if (code === GET_BLOCK_HEADERS) {
      const query = headerQuery(body as Uint8Array[])
      headerQueries.push(query)
      const found = headers.find({ ...query, limit: Math.min(query.limit, 1024) })
      const sent = tricks.headers ? tricks.headers(query, found) : found.map(({ rlp }) => rlp)
      if (sent !== undefined) session.send(BLOCK_HEADERS, [id, sent.map((rlp) => RLP.decode(rlp))])
    } else if (code === BLOCK_HEADERS) {
      asked.get(toBigInt(id))?.(body.length)
    } else if (OTHER_REQUESTS.includes(code)) {
      session.send(code + 1, [id, []])
    }
  }

  /** The library's eth/68: it checks the status itself. */
  function openEth68(peer: Peer, eth: ETH): void {
    const session: Session = {
      eth: 'eth/68',
      send: (code, message) => eth.sendMessage(code as 3, message),
    }
    eth.events.on('status', () => sessions.set(peer, session))
    eth.events.on('message', (code, message) => {
      onEthMessage(session, code, message as NestedUint8Array)
    })
    const { genesis, head } = headers
    eth.sendStatus({ td: Uint8Array.of(1), bestHash: head.hash, genesisHash: genesis.hash })
  }

  /** Block 0 is the earliest that it has. */
  const range = () => [0, headers.head.number, headers.head.hash]

  const eth69 = rawCapability({ name: 'eth', version: 69, length: 18 }, (peer, sendRaw) => {
    const session: Session = {
      eth: 'eth/69',
      send: (code, message) => sendRaw(code, RLP.encode(message)),
    }
    const own = [69, networkId, headers.genesis.hash, forkId]
    peer.events.once('connect', () => session.send(STATUS, [...own, ...range()]))
    return (code, rlp) => {
      const message = RLP.decode(rlp) as NestedUint8Array
      if (code !== STATUS) {
        if (!sessions.has(peer)) throw new Error(`message ${code} before the status`)
        if (code !== BLOCK_RANGE_UPDATE) onEthMessage(session, code, message)
        return
      }
      const same = RLP.encode(message.slice(0, 4) as NestedUint8Array)
      if (message.length !== 7 || compareBytes(same, RLP.encode(own)) !== 0) {
        throw new Error(`wrong status ${bytesToHex(rlp)}`)
      }
      sessions.set(peer, session)
    }
  })

  const snapSends = new Map<Peer, SendRaw>()
  /** Own questions over snap/1. */
  const snapAsked = new Map<bigint, (answer: SnapMessage) => void>()
  const snap = rawCapability({ name: 'snap', version: 1, length: 8 }, (peer, send) => {
    snapSends.set(peer, send)
    return (code, rlp) => {
      const request = decodeMessage(concatBytes(Uint8Array.of(code), rlp))
      if (!('bytes' in request)) {
        const onAnswer = snapAsked.get(request.id)
        if (onAnswer === undefined) throw new Error(`${request.kind} is no request`)
        return onAnswer(request)
      }
      requests.push(request)
      answerSnap(request, send).catch((error) => fail(peer, error))
    }
  })

  async function answerSnap(request: SnapRequest, send: SendRaw): Promise<void> {
    const honest = () => handler(request) as SnapResponse
    const answer = tricks.answer ? await tricks.answer(request, honest) : honest()
    if (answer === undefined) return
    const frame = encodeMessage(answer)
    send(frame[0]!, frame.subarray(1))
  }

  const known = { 'eth/68': ETH.eth68, 'eth/69': eth69, 'snap/1': snap }
  const capabilities: Capabilities[] = offered.map((name) => known[name])

  async function listen(port: number): Promise<RLPx> {
    const rlpx = new RLPx(privateKey, { capabilities, common, maxPeers: 100 })
    const server = serverOf(rlpx)
    server.on('connection', (socket) => {
      connections++
      socket.setNoDelay()
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
    })
    rlpx.events.on('peer:added', (peer) => {
      if (tricks.refuse !== undefined) return peer.disconnect(tricks.refuse)
      const eth = peer.getProtocols().find((protocol) => protocol instanceof ETH)
      if (eth !== undefined) openEth68(peer, eth)
    })
    rlpx.events.on('peer:removed', (peer) => {
      sessions.delete(peer)
      snapSends.delete(peer)
    })
    rlpx.events.on('peer:error', (_, error) => faults.push(error))
    rlpx.listen(port, '127.0.0.1')
    await once(server, 'listening')
    return rlpx
  }

  let rlpx: RLPx | undefined = await listen(0)
  const { port } = serverOf(rlpx).address() as AddressInfo
  const drop = () => {
    for (const socket of sockets) socket.destroy()
  }

  return {
    enode: `enode://${bytesToHex(rlpx.id)}@127.0.0.1:${port}`,
    ...{ port, tricks, requests, headerQueries, faults },
    get peers() {
      return [...sessions.values()].map(({ eth }) => eth)
    },
    get connections() {
      return connections
    },
    announce() {
      for (const { eth, send } of sessions.values()) {
        if (eth === 'eth/69') send(BLOCK_RANGE_UPDATE, range())
      }
    },
    askHeaders() {
      const answers = [...sessions.values()].map(({ send }) => {
        const id = ++lastId
        const answer = new Promise<number>((resolve) => asked.set(id, resolve))
        send(GET_BLOCK_HEADERS, [id, [0, 10, 0, 0]])
        return answer
      })
      return Promise.all(answers)
    },
    askAccounts() {
      const [origin, limit] = [new Uint8Array(32), new Uint8Array(32).fill(0xff)]
      const answers = [...snapSends.values()].map((send) => {
        const id = ++lastId
        const answer = new Promise<SnapMessage>((resolve) => snapAsked.set(id, resolve))
        const root = headers.head.stateRoot
        const question = { kind: 'GetAccountRange', id, root, origin, limit, bytes: 1_000 } as const
        const frame = encodeMessage(question)
        send(frame[0]!, frame.subarray(1))
        return answer
      })
      return Promise.all(answers)
    },
    drop,
    async stop() {
      const stopping = rlpx
      rlpx = undefined
      if (stopping === undefined) return
      const closed = new Promise<void>((resolve) => stopping.destroy(resolve))
      drop()
      await closed
    },
    async restart() {
      rlpx ??= await listen(port)
    },
  }
}

/** The library tells neither its port nor its sockets. */
function serverOf(rlpx: RLPx): Server {
  return (rlpx as unknown as { _server: Server })._server
}

function headerQuery([start, limit, skip, reverse]: Uint8Array[]): HeaderQuery {
  return {
    start: start!.length === 32 ? start! : Number(toBigInt(start!)),
    limit: Number(toBigInt(limit!)),
    skip: Number(toBigInt(skip!)),
    reverse: reverse!.length > 0,
  }
}

function toBigInt(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(`0x${bytesToHex(bytes)}`)
}

function hexBytes(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex.slice(2), 'hex'))
}

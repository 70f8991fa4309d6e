import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Hex } from '../../src/base/bytes/hex.ts'
import type { JsonRpc } from '../geth/JsonRpc.ts'

/** What a page is told of a block. */
export interface ToldHead {
  number: number
  hash: Hex
  parentHash: Hex
  stateRoot: Hex
}

interface RpcBlock {
  number: Hex
  hash: Hex
  parentHash: Hex
  stateRoot: Hex
}

/** Blocks come every second at most, and a page must not hear of them much later than a peer. */
const LOOK_MS = 50

/** Longer than any branch of the tests. */
const KEPT = 256

/**
 * Tells the blocks of a node as server-sent events: each block of the chain once, the blocks of
 * another branch in their order from where it leaves the one before. The stand-in for a wallet's
 * own node, which it trusts; no bridge has to do with it.
 *
 * @param node is asked over JSON-RPC; it may be away for a while, or be another one later
 * @returns where the events are
 */
export async function serveHeads(
  node: () => JsonRpc,
  defer: (undo: () => unknown) => void,
): Promise<string> {
  const clients = new Set<ServerResponse>()
  let told: ToldHead[] = []

  const look = async () => {
    const latest = await node().call<RpcBlock>('eth_getBlockByNumber', 'latest', false)
    const fresh: ToldHead[] = []
    let head = toHead(latest)
    // The first time, when nobody listens yet, this is the whole chain: a branch may begin
    // anywhere.
    while (!told.some(({ hash }) => hash === head.hash)) {
      fresh.unshift(head)
      if (head.number === 0 || fresh.length === KEPT) break
      head = toHead(await node().call('eth_getBlockByHash', head.parentHash, false))
    }
    // A node that has gone back to a block that was told stays there until it has gone on.
    const [first] = fresh
    if (first === undefined) return
    told = [...told.filter(({ number }) => number < first.number), ...fresh].slice(-KEPT)
    for (const client of clients) for (const head of fresh) send(client, head)
  }
  let timer: NodeJS.Timeout
  let ended = false
  const run = async () => {
    // A node that is away is asked again.
    await look().catch(() => {})
    if (!ended) timer = setTimeout(run, LOOK_MS)
  }
  await run()

  const server = createServer((_request, response) => {
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'access-control-allow-origin': '*',
    })
    response.flushHeaders()
    const newest = told.at(-1)
    if (newest !== undefined) send(response, newest)
    clients.add(response)
    response.once('close', () => clients.delete(response))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  defer(() => {
    ended = true
    clearTimeout(timer)
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/heads`
}

function toHead({ number, hash, parentHash, stateRoot }: RpcBlock): ToldHead {
  return { number: Number(number), hash, parentHash, stateRoot }
}

function send(client: ServerResponse, head: ToldHead): void {
  client.write(`data: ${JSON.stringify(head)}\n\n`)
}

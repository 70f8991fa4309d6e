import { multiaddr } from '@multiformats/multiaddr'
import { createStateSync } from '../../dist/index.js'
import { libp2pPeers } from '../../dist/libp2p/index.js'
import { pageNode } from '../../dist/libp2p/pageNode.js'
import { streamPipe } from '../../dist/libp2p/streamPipe.js'
import { BARE_PROTOCOL } from '../lib/bareStream.mjs'

/** @typedef {import('../../dist/index.js').Hex} Hex */

const chain = { id: 1337, genesisHash: /** @type {Hex} */ (`0x${'00'.repeat(32)}`) }
const worker = () => engine('')

/** @param {string} hash what `engine.worker.mjs` is told */
const engine = (hash) =>
  new Worker(new URL(`engine.worker.mjs${hash}`, location.href), { type: 'module' })

/**
 * Syncs states one after the other, as a wallet that follows a chain does.
 *
 * @param {{ bridge: string[], roots: Hex[], name: string, healLimit?: string }} options
 *   `healLimit`: the largest share that is healed
 * @returns of each root: how long it took, and what came; `payload` in bytes of leaves and codes
 */
export async function sync({ bridge, roots, name, healLimit }) {
  /** @type {(() => void)[]} */
  const commits = []
  const committed = roots.map(() => new Promise((resolve) => commits.push(() => resolve(null))))
  /** @type {import('../../dist/index.js').StateSyncHandle | undefined} */
  let handle
  /** @type {{ ms: number, bytes: number, nodes: number, payload: number }[]} */
  const results = []
  let start = 0
  /** @type {(error?: Error) => void} */
  let end = () => {}
  const ended = new Promise((resolve, reject) => {
    end = (error) => (error ? reject(error) : resolve(null))
  })
  async function* headers() {
    for (const [index, stateRoot] of roots.entries()) {
      const before = handle?.progress
      start = performance.now()
      yield { number: index + 1, hash: `0x${String(index + 1).padStart(64, '0')}`, stateRoot }
      await committed[index]
      const ms = performance.now() - start
      // The last event of a run may wait a little for its turn.
      await new Promise((resolve) => setTimeout(resolve, 300))
      const { bytes, healed, synced } = /** @type {NonNullable<typeof handle>} */ (handle).progress
      results.push({
        ms,
        payload: synced.accountBytes + synced.slotBytes + synced.codeBytes,
        bytes: bytes - (before?.bytes ?? 0),
        nodes: healed.nodes - (before?.healed.nodes ?? 0),
      })
    }
    end()
  }
  handle = await createStateSync({
    ...{ chain, store: { name }, pivotDistance: 0, maxPivotAge: 1 },
    worker: () => engine(healLimit === undefined ? '' : `#${healLimit}`),
    trust: /** @type {AsyncIterable<import('../../dist/index.js').TrustedHeader>} */ (headers()),
    peers: libp2pPeers({ bridges: bridge }),
  })
  handle.addEventListener('commit', ({ detail }) => commits[detail.number - 1]?.())
  handle.addEventListener('status', ({ detail }) => detail.error && end(detail.error))
  const faults = /** @type {string[]} */ ([])
  handle.addEventListener('fault', ({ detail }) => faults.push(detail.message))
  await handle.start()
  await ended
  await handle.close()
  if (faults.length > 0) throw new Error(faults[0])
  return results
}

/**
 * Takes bytes from a bare libp2p stream, from the making of the node to the last byte.
 *
 * @param {{ address: string, bytes: number }} options
 * @returns milliseconds
 */
export async function bare({ address, bytes }) {
  const start = performance.now()
  const node = /** @type {import('libp2p').Libp2p} */ (await pageNode(10_000))
  const connection = await node.dial(multiaddr(address))
  const stream = await connection.newStream(BARE_PROTOCOL)
  const pipe = streamPipe(stream, { peer: 'bench', transport: 'webrtc' })
  const request = new Uint8Array(4)
  new DataView(request.buffer).setUint32(0, bytes)
  pipe.send(request)
  let left = bytes
  for await (const frame of pipe) {
    left -= frame.length
    if (left <= 0) break
  }
  const ms = performance.now() - start
  pipe.close()
  await node.stop()
  return ms
}

/** Until the first verified read of a state that is there already. */
export async function open(/** @type {{ root: Hex, name: string, address: string }} */ options) {
  const { root, name, address } = options
  const start = performance.now()
  const handle = await createStateSync({ chain, worker, trust: root, store: { name } })
  const { value } = await handle.getAccount(address)
  const ms = performance.now() - start
  await handle.close()
  if (value === undefined) throw new Error(`no account at ${address}`)
  return ms
}

/** So long nobody has asked for anything: what was read before is not answered from memory. */
const PAUSE_MS = 100

/**
 * Reads accounts, one after the other.
 *
 * @param {{ root: Hex, name: string, addresses: string[], near: [string, string][], times: number
 *   }} options
 * @returns microseconds of each read: after a pause; of pages that were not read before; of another
 *   account of the page that was read just before; and of the same account again
 */
export async function reads({ root, name, addresses, near, times }) {
  const handle = await createStateSync({ chain, worker, trust: root, store: { name } })
  const timed = async (/** @type {string} */ address) => {
    const start = performance.now()
    await handle.getAccount(address)
    return (performance.now() - start) * 1000
  }
  const paired = new Set(near.flat())
  const alone = addresses.filter((address) => !paired.has(address))
  // The first reads warm the code, and not the pages of the others.
  for (let warm = 0; warm < 50; warm++) await timed(/** @type {string} */ (alone.pop()))
  const paused = alone.splice(-50)
  const cold = []
  for (const address of alone) cold.push(await timed(address))
  const hot = []
  for (const [one, other] of near) {
    await timed(one)
    hot.push(await timed(other))
  }
  const again = []
  for (let time = 0; time < times; time++) again.push(await timed(near[0]?.[0] ?? ''))
  const first = []
  for (const address of paused) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    first.push(await timed(address))
  }
  await handle.close()
  return { first, cold, hot, again }
}

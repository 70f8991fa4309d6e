// The smallest app: syncs one state as its query says, and leaves what came of it in `outcome`. JavaScript, and its worker
// named as it will lie beside it, so that every bundler takes the same files.
import { createStateSync } from 'cambium'
import {
  memoryPipes,
  memoryState,
  serveSnap,
  stateHandler,
  statePeers,
  syntheticAccounts,
} from 'cambium/testing'

/** @typedef {import('cambium').Hex} Hex */

const query = new URLSearchParams(location.search)
/** @type {Worker[]} */
const workers = []
Object.assign(globalThis, { workers })

run().then(
  (result) => Object.assign(globalThis, { outcome: { result } }),
  (error) => Object.assign(globalThis, { outcome: { error: String(error) } }),
)

async function run() {
  const { chain, trust, peers } = await state()
  const verifier = /** @type {import('cambium').VerifierBuild | null} */ (query.get('verifier'))
  const sync = await createStateSync({
    ...{ chain, trust, peers, store: { name: query.get('store') ?? 'cambium' } },
    ...(query.has('worker') && { worker: makeWorker }),
    ...(query.has('verifiers') && { verifiers: Number(query.get('verifiers')) }),
    ...(verifier && { verifier }),
  })
  /** @type {import('cambium').Fault[]} */
  const faults = []
  sync.addEventListener('fault', ({ detail }) => faults.push(detail))
  await sync.start()
  await sync.ready()
  const audit = await sync.audit()
  const used = sync.verifier
  await sync.close()
  return { trust, audit, faults, verifier: used }
}

/** With `broken` in the query, all workers but the first have a script that is not there. */
function makeWorker() {
  const isBroken = query.has('broken') && workers.length > 0
  const worker = isBroken
    ? new Worker('missing.js', { type: 'module' })
    : new Worker(new URL('./state.worker.js', import.meta.url), { type: 'module' })
  workers.push(worker)
  return worker
}

/** The state of a bridge, or where none is named, one that this page makes and serves itself. */
async function state() {
  const bridges = query.getAll('bridge')
  if (bridges.length > 0) {
    const { libp2pPeers } = await import('cambium/libp2p')
    const genesisHash = /** @type {Hex} */ (query.get('genesis'))
    const trust = /** @type {Hex} */ (query.get('root'))
    const chain = { id: Number(query.get('chainId')), genesisHash }
    return { chain, trust, peers: libp2pPeers({ bridges }) }
  }
  const accounts = Number(query.get('accounts') ?? 300)
  const { source, stateRoot } = memoryState(syntheticAccounts({ seed: 3, accounts }))
  const chain = { id: 1337, genesisHash: stateRoot }
  const handler = stateHandler(source)
  const peers = query.has('restless') ? restlessPeers(handler) : statePeers([handler])
  return { chain, trust: stateRoot, peers }
}

/**
 * Connections that do not stop coming, until the sync ends: the last ones while it recomputes what is stored.
 *
 * @param {import('cambium/testing').SnapHandler} handler
 * @returns {import('cambium').PeerSource}
 */
function restlessPeers(handler) {
  return async function* ({ signal }) {
    while (!signal.aborted) {
      const [near, far] = memoryPipes()
      void serveSnap(far, handler)
      yield near
      await new Promise((resolve) => setTimeout(resolve))
    }
  }
}

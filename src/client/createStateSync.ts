import { fromHex, type Hex, toHex } from '../base/bytes/hex.ts'
import type { Header } from '../chain/Header.ts'
import { TrustError } from '../trust/errors.ts'
import { trustedHeaders } from '../trust/trustedHeaders.ts'
import type { VerifierBuild } from '../verifier/Verifier.ts'
import type { EngineTarget } from './EnginePort.ts'
import { OptionsError } from './errors.ts'
import { StateSyncClient } from './StateSyncClient.ts'
import type { StateSyncHandle } from './StateSyncHandle.ts'
import type { StateSyncOptions } from './StateSyncOptions.ts'

/**
 * More threads than this no engine can feed: it copies, stores and schedules all that they prove.
 */
const MAX_VERIFIERS = 8
const BUILDS: readonly VerifierBuild[] = ['simd', 'plain', 'js']

/**
 * Opens the state of a chain: what is stored of it is there at once, `start` fetches the rest from
 * peers that need not be trusted, and once a state is complete all reads are local.
 *
 * @throws {TrustError} when `trust` is neither a state root nor a stream of headers; a header that
 *   is malformed fails the run with it
 * @throws {OptionsError} when another option cannot be used
 * @throws {StoreError} when the store cannot be opened; by `code`: `'STORE_VERSION'`,
 *   `'STORE_BLOCKED'`, …
 *
 * @example
 * ```ts
 * import { createStateSync } from 'cambium'
 * import { libp2pPeers } from 'cambium/libp2p'
 *
 * const sync = await createStateSync({
 *   chain: { id: 1, genesisHash: '0xd4e56740f876aef8c010b86a40d5f56745a118d0906a34e69aec8c0db1cb8fa3' },
 *   trust: '0xd7f8974fb5ac78d9ac099b9ad5018bedc2ce0a72dad1827a1709da30580f0544',
 *   peers: libp2pPeers({ bridges }),
 *   worker: () => new Worker(new URL('./state.worker.ts', import.meta.url), { type: 'module' }),
 * })
 * sync.addEventListener('progress', ({ detail }) => { bar.value = detail.fraction })
 * await sync.start()
 * await sync.ready()
 * const { value, stateRoot } = await sync.getAccount('0x…')
 * ```
 *
 * @example Following a chain
 * ```ts
 * const sync = await createStateSync({ chain, trust: headersOfMyLightClient(), peers, worker })
 * sync.addEventListener('commit', ({ detail }) => console.log(`block ${detail.number} answers`))
 * await sync.start()
 * await sync.ready() // the first time minutes, afterwards at once
 * const { value, block } = await sync.getAccount('0x…')
 * ```
 */
export async function createStateSync(options: StateSyncOptions): Promise<StateSyncHandle> {
  if (typeof options !== 'object' || options === null) {
    throw new OptionsError(`createStateSync needs an object of options, got ${options}`)
  }
  const { chain, peers, store = {}, verifier, verifiers = 1 } = options
  const { pivotDistance = 64, maxPivotAge = 120 } = options
  const trust = checkTrust(options.trust)
  if (typeof store !== 'object' || store === null) {
    throw new OptionsError(`store must be an object, got ${store}`)
  }
  if (!Number.isSafeInteger(chain?.id) || chain.id < 0) {
    throw new OptionsError(`chain.id must be a whole number, got ${chain?.id}`)
  }
  const kind = store.kind ?? 'indexeddb'
  if (kind !== 'indexeddb' && kind !== 'memory') {
    throw new OptionsError(
      `store.kind must be "indexeddb" or "memory", got ${JSON.stringify(kind)}`,
    )
  }
  if (store.name !== undefined && typeof store.name !== 'string') {
    throw new OptionsError(`store.name must be a string, got ${store.name}`)
  }
  if (peers !== undefined && typeof peers !== 'function') {
    throw new OptionsError(`peers must be a function, got ${peers}`)
  }
  if (verifier !== undefined && !BUILDS.includes(verifier)) {
    throw new OptionsError(`verifier must be one of ${BUILDS.join(', ')}, got ${verifier}`)
  }
  if (!Number.isInteger(verifiers) || verifiers < 1 || verifiers > MAX_VERIFIERS) {
    const got = typeof verifiers === 'string' ? JSON.stringify(verifiers) : verifiers
    throw new OptionsError(
      `verifiers must be a whole number from 1 to ${MAX_VERIFIERS}, got ${got}`,
    )
  }
  if (verifiers > 1 && typeof options.worker !== 'function') {
    throw new OptionsError(
      `verifiers: ${verifiers} needs "worker" to be a function that makes a worker, got ${options.worker}`,
    )
  }
  for (const [name, blocks] of Object.entries({ pivotDistance, maxPivotAge })) {
    if (!Number.isSafeInteger(blocks) || blocks < 0) {
      throw new OptionsError(`${name} must be a whole number of blocks, got ${blocks}`)
    }
  }
  if (maxPivotAge <= pivotDistance) {
    throw new OptionsError(
      `maxPivotAge must be more than pivotDistance (${pivotDistance}), got ${maxPivotAge}`,
    )
  }
  const genesisHash = fromHex(chain.genesisHash, 'chain.genesisHash', 32)
  const { target, others, dispose } = await engineTarget(options.worker, verifiers)
  const client = new StateSyncClient({ target, verifiers: others, dispose, trust, peers })
  try {
    return await client.open({
      chainId: chain.id,
      genesisHash,
      root: typeof trust === 'string' ? fromHex(trust, 'trust', 32) : undefined,
      pivotDistance,
      maxPivotAge,
      storeName: store.name ?? 'cambium',
      storeKind: kind,
      verifier,
    })
  } catch (error) {
    dispose()
    throw error
  }
}

/** A root in lower case, or a stream whose headers are checked as they come. */
function checkTrust(trust: StateSyncOptions['trust']): Hex | AsyncIterable<Header> {
  if (typeof trust !== 'string') return trustedHeaders(trust)
  try {
    return toHex(fromHex(trust, 'trust', 32))
  } catch (cause) {
    throw new TrustError((cause as Error).message, { cause })
  }
}

/** @returns where the engine is, and of `count` workers those that prove for it */
async function engineTarget(
  worker: StateSyncOptions['worker'],
  count: number,
): Promise<{ target: EngineTarget; others: readonly Worker[]; dispose: () => void }> {
  if (typeof worker === 'function') {
    const [target, ...others] = makeWorkers(worker, count)
    const dispose = () => {
      for (const made of [target!, ...others]) made.terminate()
    }
    return { target: target!, others, dispose }
  }
  if (worker !== undefined) {
    if (typeof worker?.postMessage !== 'function') {
      throw new OptionsError(`worker must be a worker, a port or a function, got ${worker}`)
    }
    return { target: worker, others: [], dispose: () => {} }
  }
  const { port1, port2 } = new MessageChannel()
  const { run } = await import('../engine/run.ts')
  run(port2)
  const dispose = () => {
    port1.close()
    port2.close()
  }
  return { target: port1, others: [], dispose }
}

/** So many workers; where one cannot be made, those that were are ended. */
function makeWorkers(worker: () => Worker, count: number): Worker[] {
  const workers: Worker[] = []
  try {
    for (let index = 0; index < count; index++) {
      const made = worker()
      if (typeof made?.postMessage !== 'function') {
        throw new OptionsError(`the function in worker must return a worker, got ${made}`)
      }
      if (workers.includes(made)) {
        throw new OptionsError(
          `the function in worker must make a new one for each of ${count} verifiers, got the same twice`,
        )
      }
      workers.push(made)
    }
  } catch (error) {
    for (const made of workers) made.terminate()
    throw error
  }
  return workers
}

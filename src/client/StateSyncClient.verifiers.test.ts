import { describe, expect, it } from 'vitest'
import { type PortWorker, portWorker } from '../../test/support/client/portWorker.ts'
import { altered, capped } from '../../test/support/peers/handlers.ts'
import { StateTruth } from '../../test/support/sync/StateTruth.ts'
import type { SnapHandler } from '../snap/server/serveSnap.ts'
import { stateHandler } from '../snap/server/stateHandler.ts'
import type { VerifierMessage } from '../snap/verify/pool/verifierMessages.ts'
import type { Fault } from '../sync/peers/Fault.ts'
import { statePeers } from '../testing/statePeers.ts'
import { syntheticAccounts } from '../testing/syntheticAccounts.ts'
import { createStateSync } from './createStateSync.ts'
import type { StateSyncHandle } from './StateSyncHandle.ts'

const truth = new StateTruth(
  syntheticAccounts({ seed: 73, accounts: 400, contracts: 0.3, maxSlots: 80 }),
)
const { stateRoot, accounts, slots, codes } = truth.state
const direct = capped(stateHandler(truth.state.source), 2_000)
const honest: SnapHandler = async (request) => {
  await new Promise((resolve) => setImmediate(resolve))
  return direct(request)
}

interface Opened {
  sync: StateSyncHandle
  workers: PortWorker[]
  faults: Fault[]
}

/** @param make the worker with that number, from 1 on */
async function open(
  verifiers: number,
  peers: SnapHandler[] = [honest],
  make: (id: number) => PortWorker = () => portWorker(),
): Promise<Opened> {
  const workers: PortWorker[] = []
  const sync = await createStateSync({
    chain: { id: 1, genesisHash: `0x${'11'.repeat(32)}` },
    trust: stateRoot,
    store: { kind: 'memory' },
    peers: statePeers(peers),
    verifiers,
    worker() {
      const made = make(workers.length + 1)
      workers.push(made)
      return made.worker
    },
  })
  const faults: Fault[] = []
  sync.addEventListener('fault', ({ detail }) => faults.push(detail))
  return { sync, workers, faults }
}

async function complete({ sync, workers }: Opened): Promise<void> {
  await sync.start()
  await sync.ready()
  expect(await sync.audit()).toEqual({ root: stateRoot, accounts, slots, codes })
  await sync.close()
  expect(sync.status).toBe('closed')
  expect(workers.every(({ ended }) => ended > 0)).toBe(true)
}

describe('createStateSync with several verifiers', () => {
  it.each([1, 2, 3])('makes %i workers, completes the state, and ends them all', async (count) => {
    const opened = await open(count)
    expect(opened.workers).toHaveLength(count)
    await complete(opened)
    expect(opened.faults).toEqual([])
    const [engine, ...others] = opened.workers.map(({ sent }) => sent.map(({ type }) => type))
    expect(engine!.filter((type) => type === 'verifier')).toHaveLength(count - 1)
    for (const types of others) expect(types).toEqual(['verify'])
    for (const { verified } of opened.workers.slice(1)) expect(verified).toBeGreaterThan(3)
  })

  it('names a peer that lies', async () => {
    const liar = altered(honest, 'GetAccountRange', (answer) => ({ ...answer, proof: [] }))
    const opened = await open(3, [liar, honest])
    await complete(opened)
    expect(opened.faults).toEqual([
      { code: 'RANGE_PROOF', message: expect.any(String), peer: 'peer-0' },
    ])
  })

  it('goes on without one that cannot be loaded, and tells so once', async () => {
    // Its script does nothing, as it is not there.
    const opened = await open(3, [honest], (id) => portWorker(id === 2 ? () => {} : undefined))
    opened.workers[1]!.fail()
    opened.workers[1]!.fail()
    await complete(opened)
    const reason = 'verifier 2 is not used any more: its script could not be loaded'
    expect(opened.faults).toEqual([{ code: 'VERIFIER_LOST', message: reason }])
    expect(opened.workers[1]!.ended).toBeGreaterThan(0)
  })

  it('goes on without those that die in mid-sync', async () => {
    let asked = 0
    const handler: SnapHandler = (request) => {
      if (++asked === 20) opened.workers[1]!.fail('out of memory')
      if (asked === 30) opened.workers[2]!.die()
      return honest(request)
    }
    const opened = await open(3, [handler, handler])
    await complete(opened)
    const lost = (words: string) => ({
      code: 'VERIFIER_LOST',
      message: `verifier ${words}`,
    })
    expect(opened.faults).toEqual([
      lost('2 is not used any more: out of memory'),
      lost('3 is not used any more: its thread has ended'),
    ])
    for (const { verified } of opened.workers.slice(1)) expect(verified).toBeGreaterThan(0)
  })

  it('ends one that is not used any more, and all where the engine fails', async () => {
    const failing = (port: MessagePort) => {
      port.addEventListener('message', ({ data }: MessageEvent) => {
        data.port.postMessage({ type: 'failed', reason: 'no memory' } satisfies VerifierMessage)
      })
      port.start()
    }
    const { sync, workers, faults } = await open(3, [honest], (id) => {
      return portWorker(id === 2 ? failing : undefined)
    })
    await expect.poll(() => workers.map(({ ended }) => ended)).toEqual([0, 1, 0])
    const message = 'verifier 2 is not used any more: no memory'
    await expect.poll(() => faults).toEqual([{ code: 'VERIFIER_LOST', message }])
    workers[0]!.fail('out of memory')
    expect(sync.status).toBe('failed')
    expect(workers.every(({ ended }) => ended > 0)).toBe(true)
    await sync.close()
  })

  it('ends those that were made when another cannot be made, or the opening fails', async () => {
    const workers: PortWorker[] = []
    const make = () => {
      if (workers.length === 2) throw new Error('no more threads')
      workers.push(portWorker())
      return workers.at(-1)!
    }
    await expect(open(3, [honest], make)).rejects.toThrow('no more threads')
    expect(workers.map(({ ended }) => ended)).toEqual([1, 1])
    const one = portWorker()
    await expect(open(2, [honest], () => one)).rejects.toMatchObject({
      code: 'OPTIONS',
      message: expect.stringContaining('got the same twice'),
    })
    expect(one.ended).toBe(1)
  })
})

import { keccak_256 } from '@noble/hashes/sha3.js'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { capped } from '../../test/support/peers/handlers.ts'
import { LIES } from '../../test/support/peers/lies.ts'
import { quiet } from '../../test/support/peers/quiet.ts'
import { TestPeers } from '../../test/support/peers/TestPeers.ts'
import { storeWithHooks } from '../../test/support/store/storeWithHooks.ts'
import { feedPool, runSync } from '../../test/support/sync/runSync.ts'
import { StateTruth } from '../../test/support/sync/StateTruth.ts'
import type { SnapHandler } from '../snap/server/serveSnap.ts'
import { stateHandler } from '../snap/server/stateHandler.ts'
import { serveVerifier } from '../snap/verify/pool/serveVerifier.ts'
import { VerifierPool } from '../snap/verify/pool/VerifierPool.ts'
import type { VerifierThreads } from '../snap/verify/pool/VerifierThreads.ts'
import { openMemoryStore } from '../store/openMemoryStore.ts'
import type { StateStore, StoreBatch } from '../store/StateStore.ts'
import { syntheticAccounts } from '../testing/syntheticAccounts.ts'
import { createVerifier } from '../verifier/createVerifier.ts'
import type { Fault } from './peers/Fault.ts'
import { PeerPool } from './peers/PeerPool.ts'
import { ProgressMeter } from './progress/ProgressMeter.ts'
import { Syncer } from './Syncer.ts'

const entries = [
  ...syntheticAccounts({ seed: 37, accounts: 200, contracts: 0.4, maxSlots: 20, codes: 30 }),
]
// Contracts that take several answers, and differ: each is asked for.
for (const [index, entry] of entries.entries()) {
  if (index % 20 > 0) continue
  entry.storage = Array.from({ length: 60 }, (_, slot) => {
    return [keccak_256(Uint8Array.of(index, slot)), 1n]
  })
}
const truth = new StateTruth(entries)
const direct = capped(stateHandler(truth.state.source), 1_500)
/**
 * Answers come as messages do, in turns of the event loop in which those of verifiers come, too.
 */
const honest: SnapHandler = async (request) => {
  await new Promise((resolve) => setImmediate(resolve))
  return direct(request)
}
const verifier = await createVerifier()

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/**
 * Verifiers that have loaded, at the other ends of ports, and how many answers they were given and
 * have verified.
 */
async function verifiers(count: number) {
  const lost: string[] = []
  const pool = new VerifierPool({ onLost: ({ message }) => lost.push(message) })
  ends.push(() => pool.close())
  const ports: MessagePort[] = []
  for (let index = 0; index < count; index++) {
    const { port1, port2 } = new MessageChannel()
    pool.add(index + 2, port1)
    ports.push(port2)
    const ready = new Promise((resolve) => {
      port1.addEventListener('message', resolve, { once: true })
    })
    await serveVerifier(port2)
    await ready
  }
  const counts = { given: 0, verified: 0 }
  const counted = <Verified>(verifying: Promise<Verified | undefined> | undefined) => {
    if (verifying !== undefined) counts.given++
    return verifying?.then((verified) => {
      if (verified !== undefined) counts.verified++
      return verified
    })
  }
  const verifierThreads: VerifierThreads = {
    get hasRoom() {
      return pool.hasRoom
    },
    accounts: (answer, claim) => counted(pool.accounts(answer, claim)),
    slots: (answer, claim) => counted(pool.slots(answer, claim)),
  }
  return { verifierThreads, pool, ports, lost, counts }
}

/** Lets in only what belongs to the state. */
async function truthfulStore(onBatch: (batch: StoreBatch) => void = () => {}): Promise<StateStore> {
  return storeWithHooks(await openMemoryStore(), async (batch, commit) => {
    truth.expectTrue(batch)
    onBatch(batch)
    await commit()
  })
}

function askedTwice(peers: TestPeers): string[] {
  const asked = peers.exchanges.map(({ request }) => {
    const { id: _, bytes: __, ...what } = request
    return JSON.stringify(what, (___, value) => {
      return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value
    })
  })
  return asked.filter((what, index) => asked.indexOf(what) !== index)
}

describe('a sync with verifiers in other threads', () => {
  it.each([1, 2, 3])('comes to the state with %i of them, which prove', async (count) => {
    const store = await truthfulStore()
    const { verifierThreads, counts, lost } = await verifiers(count)
    const faults: Fault[] = []
    const peers = new TestPeers({ one: honest, two: honest, three: honest })
    const onFault = (fault: Fault) => void faults.push(fault)
    await runSync({ store, verifier, verifierThreads, onFault }, truth.root, peers)
    await truth.expectStored(store.completed)
    expect(counts.given).toBeGreaterThan(5)
    expect(counts.verified).toBe(counts.given)
    expect([...faults, ...lost]).toEqual([])
    expect(askedTwice(peers)).toEqual([])
  })

  it('asks for nothing again when a verifier dies with answers in its hands', async () => {
    const store = await truthfulStore()
    const { verifierThreads: lasting, pool, ports, counts, lost } = await verifiers(2)
    const peers = new TestPeers({ one: honest, two: honest, three: honest })
    /** Each dies with an answer in its hands: the first that has room gets it. */
    const dying = <Proving>(verifying: Proving) => {
      if (counts.given >= 3) pool.lose(2, 'killed')
      if (counts.given >= 6) ports[1]!.close()
      return verifying
    }
    const verifierThreads: VerifierThreads = {
      get hasRoom() {
        return pool.hasRoom
      },
      accounts: (answer, claim) => dying(lasting.accounts(answer, claim)),
      slots: (answer, claim) => dying(lasting.slots(answer, claim)),
    }
    await runSync({ store, verifier, verifierThreads }, truth.root, peers)
    await truth.expectStored(store.completed)
    expect(lost).toHaveLength(2)
    expect(counts.given - counts.verified).toBeGreaterThanOrEqual(2)
    expect(askedTwice(peers)).toEqual([])
  })

  it('applies nothing that is verified after its end, and gives no answer away then', async () => {
    let batches = 0
    const store = await truthfulStore(() => batches++)
    const { verifierThreads } = await verifiers(1)
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    let given = 0
    /** Holds all that is verified back. */
    const held = <Verified>(verifying: Promise<Verified> | undefined) => {
      if (verifying !== undefined) given++
      return verifying && Promise.all([verifying, released]).then(([verified]) => verified)
    }
    const holding: VerifierThreads = {
      get hasRoom() {
        return verifierThreads.hasRoom
      },
      accounts: (answer, claim) => held(verifierThreads.accounts(answer, claim)),
      slots: (answer, claim) => held(verifierThreads.slots(answer, claim)),
    }
    let answer = () => {}
    const late = new Promise<void>((resolve) => {
      answer = resolve
    })
    let asked = 0
    const slow: SnapHandler = async (request) => {
      asked++
      await late
      return honest(request)
    }
    const peers = new TestPeers({ quick: honest, slow })
    // The peers stay when a sync ends, as where one root follows the other.
    const pool = new PeerPool()
    ends.push(() => pool.close())
    const feed = feedPool(pool, peers)
    const meter = new ProgressMeter(
      () => {},
      () => performance.now(),
    )
    const syncer = new Syncer({ store, verifier, verifierThreads: holding, pool, meter })
    const controller = new AbortController()
    const running = syncer.sync(truth.root, controller.signal)
    running.catch(() => {})
    await vi.waitFor(() => {
      expect(given).toBeGreaterThan(0)
      expect(asked).toBeGreaterThan(0)
    })
    controller.abort()
    await expect(running).rejects.toMatchObject({ code: 'SYNC_CANCELLED' })
    const before = { batches, given }
    answer()
    release()
    await quiet(peers)
    expect({ batches, given }).toEqual(before)
    expect(peers.answered).toBe(peers.exchanges.length)
    await syncer.sync(truth.root, new AbortController().signal)
    feed.stop()
    await truth.expectStored(store.completed)
    expect(given).toBeGreaterThan(before.given)
  })

  it('fails where verifying breaks off, which it never does', async () => {
    const broken: VerifierThreads = {
      hasRoom: true,
      accounts: () => Promise.reject(new Error('out of its mind')),
      slots: () => undefined,
    }
    const options = { store: await truthfulStore(), verifier, verifierThreads: broken }
    const running = runSync(options, truth.root, new TestPeers({ honest }))
    await expect(running).rejects.toThrow('out of its mind')
  })
})

describe.each(LIES)('a peer that sends $name, to several verifiers', ({ code, words, liar }) => {
  it('is found out beside an honest one, which does the work', async () => {
    const store = await truthfulStore()
    const { verifierThreads, counts, lost } = await verifiers(2)
    const faults: Fault[] = []
    const peers = new TestPeers()
    const frames: Uint8Array[] = []
    const end = peers.join('mallory', (request) => {
      const answer = handler(request)
      for (const frame of frames.splice(0)) end.send(frame)
      return answer
    })
    const handler = liar(honest, (frame) => void end.send(frame))
    let found = () => {}
    const isFound = new Promise<void>((resolve) => {
      found = resolve
    })
    // Slower than the liar, who else might not be asked for what he lies about.
    peers.join('honest', async (request) => {
      await isFound
      return honest(request)
    })
    const onFault = (fault: Fault) => {
      faults.push(fault)
      found()
    }
    await runSync({ store, verifier, verifierThreads, onFault }, truth.root, peers)
    await truth.expectStored(store.completed)
    expect(faults).toEqual([{ code, peer: 'mallory', message: expect.stringContaining(words) }])
    await expect.poll(() => peers.dismissed.get('mallory')).toBe(faults[0]!.message)
    expect(peers.refuted.has('mallory')).toBe(code !== 'PEER_PROTOCOL')
    expect(counts.verified).toBeGreaterThan(3)
    expect(lost).toEqual([])
  })
})

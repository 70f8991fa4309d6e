import { keccak_256 } from '@noble/hashes/sha3.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { capped } from '../../test/support/peers/handlers.ts'
import { LIES, type Lie } from '../../test/support/peers/lies.ts'
import { TestPeers } from '../../test/support/peers/TestPeers.ts'
import { storeWithHooks } from '../../test/support/store/storeWithHooks.ts'
import { runSync } from '../../test/support/sync/runSync.ts'
import { StateTruth } from '../../test/support/sync/StateTruth.ts'
import { stateHandler } from '../snap/server/stateHandler.ts'
import { openMemoryStore } from '../store/openMemoryStore.ts'
import type { StateStore } from '../store/StateStore.ts'
import { syntheticAccounts } from '../testing/syntheticAccounts.ts'
import { createVerifier } from '../verifier/createVerifier.ts'
import { JsVerifier } from '../verifier/JsVerifier.ts'
import type { Verifier } from '../verifier/Verifier.ts'
import type { Fault } from './peers/Fault.ts'

const entries = [
  ...syntheticAccounts({ seed: 31, accounts: 150, contracts: 0.4, maxSlots: 20, codes: 30 }),
]
// Contracts that take several answers, so that each peer gets one.
for (const [index, entry] of entries.entries()) {
  if (index % 20 > 0) continue
  entry.storage = Array.from({ length: 60 }, (_, slot) => [keccak_256(Uint8Array.of(slot)), 1n])
}
const truth = new StateTruth(entries)
const honest = capped(stateHandler(truth.state.source), 1_500)
const never = new AbortController().signal
let wasm: Verifier

beforeAll(async () => {
  wasm = await createVerifier()
})

/** Lets in only what belongs to the state: every leaf and code of every commit. */
async function truthfulStore(): Promise<StateStore> {
  return storeWithHooks(await openMemoryStore(), async (batch, commit) => {
    truth.expectTrue(batch)
    await commit()
  })
}

function joinLiar(peers: TestPeers, { liar }: Lie): void {
  const frames: Uint8Array[] = []
  const end = peers.join('mallory', (request) => {
    const answer = handler(request)
    for (const frame of frames.splice(0)) end.send(frame)
    return answer
  })
  const handler = liar(honest, (frame) => void end.send(frame))
}

/** One fault, that of the liar, and a liar that was told so and dismissed. */
async function expectFoundOut(lie: Lie, faults: readonly Fault[], peers: TestPeers): Promise<void> {
  const fault = { code: lie.code, peer: 'mallory', message: expect.stringContaining(lie.words) }
  expect(faults).toEqual([fault])
  // It hears of it when its end of the pipe is closed, which may be after the sync.
  await expect.poll(() => peers.dismissed.get('mallory')).toBe(faults[0]!.message)
  // Of what could not even be read, there is no telling whose answer it was.
  const isAnswer = lie.code !== 'PEER_PROTOCOL'
  expect([...peers.refuted.keys()]).toEqual(isAnswer ? ['mallory'] : [])
  if (isAnswer) expect(peers.refuted.get('mallory')).toBeDefined()
}

describe.each(LIES)('a peer that sends $name', (lie) => {
  it('is found out beside an honest one, which does the work', async () => {
    const store = await truthfulStore()
    const faults: Fault[] = []
    const peers = new TestPeers()
    joinLiar(peers, lie)
    let onFault: (fault: Fault) => void = () => {}
    const found = new Promise<void>((resolve) => {
      onFault = (fault) => {
        faults.push(fault)
        resolve()
      }
    })
    // Slower than the liar, who else might not be asked for what he lies about.
    peers.join('honest', async (request) => {
      await found
      return honest(request)
    })
    await runSync({ store, verifier: wasm, onFault }, truth.root, peers, never)
    await truth.expectStored(store.completed)
    await expectFoundOut(lie, faults, peers)
  })

  it('is found out alone, in JavaScript, and another that joins later does the work', async () => {
    const store = await truthfulStore()
    const faults: Fault[] = []
    const peers = new TestPeers()
    joinLiar(peers, lie)
    const onFault = (fault: Fault) => {
      faults.push(fault)
      peers.join('honest', honest)
    }
    const verifier = new JsVerifier()
    await runSync({ store, verifier, onFault }, truth.root, peers, never)
    await truth.expectStored(store.completed)
    await expectFoundOut(lie, faults, peers)
  })
})

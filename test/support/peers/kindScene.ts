import type { SnapRequest } from '../../../src/snap/SnapMessage.ts'
import type { SnapHandler } from '../../../src/snap/server/serveSnap.ts'
import type { WorkKind } from '../../../src/sync/peers/WorkKind.ts'
import type { Verifier } from '../../../src/verifier/Verifier.ts'
import {
  codeOf,
  crowdedSlots,
  plainAccounts,
  type Sketches,
  slotsOf,
  stateOf,
} from '../sync/accounts.ts'
import type { StateTruth } from '../sync/StateTruth.ts'
import { SyncFixture } from '../sync/SyncFixture.ts'
import { capped } from './handlers.ts'
import { servedStates } from './servedStates.ts'
import { TestPeers } from './TestPeers.ts'

/** One of the five kinds of request, and the message that it is. */
export interface RequestKind {
  kind: WorkKind
  asked: SnapRequest['kind']
}

/** All of them: scenarios about answers are played for each. */
export const REQUEST_KINDS: readonly RequestKind[] = [
  { kind: 'accounts', asked: 'GetAccountRange' },
  { kind: 'storage', asked: 'GetStorageRanges' },
  { kind: 'codes', asked: 'GetByteCodes' },
  { kind: 'healNodes', asked: 'GetTrieNodes' },
  { kind: 'healCodes', asked: 'GetByteCodes' },
]

/** Contracts with codes of their own and small storage. */
function contracts(name: string, count: number, seed: number): Sketches {
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const code = codeOf(seed + index, 100)
      return [`${name} ${index}`, { code, slots: slotsOf(seed + index, 1 + (index % 4)) }]
    }),
  )
}

const BEFORE: Sketches = {
  ...plainAccounts(60),
  ...contracts('contract', 20, 100),
  '3-large': { slots: crowdedSlots(1, 200), code: codeOf(1) },
}

/** What is downloaded, and what is healed from there. */
const before = stateOf(BEFORE)
const after = stateOf({ ...BEFORE, ...plainAccounts(20, 9n), ...contracts('contract', 15, 200) })

/** An honest peer with all of the scene's states, whose answers are short. */
export const honestPeer: SnapHandler = capped(servedStates(before, after), 2_000)

/** A sync in which requests of one kind are about to be made, and no peer is there. */
export interface KindScene {
  run: SyncFixture
  peers: TestPeers
  /** What is to be synced. */
  target: StateTruth
}

/** The beginning of a scene: of a heal, a state was completed before. */
export async function kindScene(
  { kind }: RequestKind,
  verifier: Verifier,
  requestTimeoutMs?: number,
): Promise<KindScene> {
  const heals = kind === 'healNodes' || kind === 'healCodes'
  const peers = new TestPeers()
  const options = requestTimeoutMs === undefined ? {} : { requestTimeoutMs }
  const run = new SyncFixture({ verifier, peers, ...options })
  if (heals) {
    peers.join('helper', honestPeer)
    await run.sync(before)
    peers.leave('helper')
    peers.exchanges.length = 0
  }
  return { run, peers, target: heals ? after : before }
}

import { beforeAll, describe, expect, it } from 'vitest'
import type { Leaves } from '../../src/leaves/Leaves.ts'
import { leafKey, leafValue } from '../../src/leaves/Leaves.ts'
import { packLeaves } from '../../src/leaves/packLeaves.ts'
import { encodeMessage } from '../../src/snap/encodeMessage.ts'
import type { SnapRequest, SnapResponse } from '../../src/snap/SnapMessage.ts'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import {
  honestPeer,
  type KindScene,
  kindScene,
  REQUEST_KINDS,
  type RequestKind,
} from '../support/peers/kindScene.ts'
import type { TestPeers } from '../support/peers/TestPeers.ts'

let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

/** Changes the first answer of a kind that it can; `undefined`: not this one. */
type Change = (answer: SnapResponse, request: SnapRequest) => SnapResponse | undefined

/**
 * Has a peer `odd` whose first answer of a kind that can be changed is, and says whether one was.
 */
function joinOdd(peers: TestPeers, { asked }: RequestKind, change: Change): () => boolean {
  let changed = false
  peers.join('odd', async (request) => {
    const answer = await honestPeer(request)
    if (changed || request.kind !== asked) return answer
    const odd = change(answer, request)
    changed = odd !== undefined
    return odd ?? answer
  })
  return () => changed
}

/**
 * The sync ends, whether the odd one is found out or not: an honest peer comes when it is found
 * out, or was odd for long.
 */
async function expectSurvived({ run, peers, target }: KindScene, isChanged: () => boolean) {
  let joined = false
  peers.onAnswered = () => {
    if (joined || !isChanged()) return
    joined = true
    peers.join('honest', honestPeer)
  }
  await run.sync(target)
  expect(isChanged()).toBe(true)
  await run.expectComplete(target)
}

const entriesOf = (leaves: Leaves) =>
  Array.from({ length: leaves.count }, (_, index) => {
    return [leafKey(leaves, index), leafValue(leaves, index)] as const
  })
const reversed = (leaves: Leaves) => packLeaves(entriesOf(leaves).reverse())
const withoutLast = (leaves: Leaves) => packLeaves(entriesOf(leaves).slice(0, -1))
const inflated = (leaves: Leaves) =>
  packLeaves(entriesOf(leaves).map(([key]) => [key, new Uint8Array(0x30000).fill(1)]))

/** In the order of another list. */
const reorder: Change = (answer) => {
  switch (answer.kind) {
    case 'AccountRange':
      if (answer.accounts.count < 2) return undefined
      return { ...answer, accounts: reversed(answer.accounts) }
    case 'StorageRanges':
      if (answer.slots.length < 2) return undefined
      return { ...answer, slots: answer.slots.toReversed() }
    case 'ByteCodes':
      return answer.codes.length < 2 ? undefined : { ...answer, codes: answer.codes.toReversed() }
    case 'TrieNodes':
      return answer.nodes.length < 2 ? undefined : { ...answer, nodes: answer.nodes.toReversed() }
  }
}

/** More than was asked for. */
const oversize: Change = (answer, request) => {
  switch (answer.kind) {
    case 'AccountRange':
      return answer.accounts.count === 0
        ? undefined
        : { ...answer, accounts: inflated(answer.accounts) }
    case 'StorageRanges':
      return answer.slots.length === 0
        ? undefined
        : { ...answer, slots: answer.slots.map(inflated) }
    case 'ByteCodes': {
      const { hashes } = request as Extract<SnapRequest, { kind: 'GetByteCodes' }>
      return { ...answer, codes: [...hashes, 1].map(() => answer.codes[0]!) }
    }
    case 'TrieNodes': {
      const { paths } = request as Extract<SnapRequest, { kind: 'GetTrieNodes' }>
      return { ...answer, nodes: [...paths.flat(), 1].map(() => answer.nodes[0]!) }
    }
  }
}

const empty: Change = (answer) => {
  switch (answer.kind) {
    case 'AccountRange':
      return { ...answer, accounts: packLeaves([]), proof: [] }
    case 'StorageRanges':
      return { ...answer, slots: [], proof: [] }
    case 'ByteCodes':
      return { ...answer, codes: [] }
    case 'TrieNodes':
      return { ...answer, nodes: [] }
  }
}

/**
 * Only the first half of the items, as a peer may send that has a lower limit; without a proof of
 * it, where one is due.
 */
const halve: Change = (answer) => {
  switch (answer.kind) {
    case 'AccountRange':
      return answer.accounts.count < 2
        ? undefined
        : { ...answer, accounts: withoutLast(answer.accounts) }
    case 'StorageRanges': {
      if (answer.slots.length < 2) return undefined
      return { ...answer, slots: answer.slots.slice(0, 1), proof: [] }
    }
    case 'ByteCodes':
      return answer.codes.length < 2 ? undefined : { ...answer, codes: answer.codes.slice(0, 1) }
    case 'TrieNodes':
      return answer.nodes.length < 2 ? undefined : { ...answer, nodes: answer.nodes.slice(0, 1) }
  }
}

/** What an answer in another order is found out as. */
const REORDERED: Record<RequestKind['kind'], string> = {
  accounts: 'PEER_PROTOCOL',
  storage: 'RANGE_PROOF',
  codes: 'CODE_MISMATCH',
  healNodes: 'NODE_MISMATCH',
  healCodes: 'CODE_MISMATCH',
}

describe.each(REQUEST_KINDS)('an answer to a request of $kind', (kind) => {
  const { asked } = kind

  it('that comes too late is ignored, and its peer, the only one, is asked again', async () => {
    const scene = await kindScene(kind, verifier, 5_000)
    const { run, peers, target } = scene
    let late = false
    peers.join('only', async (request) => {
      if (!late && request.kind === asked) {
        late = true
        await new Promise<void>((resolve) => run.clock.timers.setTimeout(resolve, 7_000))
      }
      return honestPeer(request)
    })
    await run.sync(target)
    expect(late).toBe(true)
    expect(run.faults).toMatchObject([{ code: 'REQUEST_TIMEOUT', peer: 'only' }])
    expect(peers.asked(asked).length).toBeGreaterThan(1)
    await run.expectComplete(target)
  })

  it('that never comes costs its time, and its peer, the only one, is asked again', async () => {
    const { run, peers, target } = await kindScene(kind, verifier, 5_000)
    let lost = false
    peers.join('only', (request) => {
      if (lost || request.kind !== asked) return honestPeer(request)
      lost = true
      return new Promise(() => {})
    })
    await run.sync(target)
    expect(run.faults).toMatchObject([{ code: 'REQUEST_TIMEOUT', peer: 'only' }])
    await run.expectComplete(target)
  })

  it('that comes after those to later requests of other kinds is as good', async () => {
    const { run, peers, target } = await kindScene(kind, verifier)
    let overtaken = 0
    let answered = 0
    peers.join('only', async (request) => {
      if (request.kind === asked) {
        const before = answered
        await new Promise<void>((resolve) => run.clock.timers.setTimeout(resolve, 400))
        overtaken += answered - before
      }
      const answer = await honestPeer(request)
      answered++
      return answer
    })
    await run.sync(target)
    expect(overtaken).toBeGreaterThan(0)
    expect(run.faults).toEqual([])
    await run.expectComplete(target)
  })

  it('that comes twice ends the connection', async () => {
    const scene = await kindScene(kind, verifier)
    let end = (_: Uint8Array) => {}
    const isChanged = joinOdd(scene.peers, kind, (answer) => {
      end(encodeMessage(answer))
      return answer
    })
    end = (frame) => scene.peers.send('odd', frame)
    await expectSurvived(scene, isChanged)
    const message = expect.stringContaining('unknown request id')
    const fault = { code: 'PEER_PROTOCOL', peer: 'odd', message }
    await expect.poll(() => scene.run.faults).toEqual([fault])
  })

  it('that is cut in the middle of its bytes ends the connection', async () => {
    const scene = await kindScene(kind, verifier)
    let cut = false
    scene.peers.join('odd', async (request) => {
      const answer = await honestPeer(request)
      if (cut || request.kind !== asked) return answer
      cut = true
      scene.peers.join('honest', honestPeer)
      scene.peers.send('odd', encodeMessage(answer).slice(0, -3))
      return new Promise(() => {})
    })
    await expectSurvived(scene, () => cut)
    const message = expect.stringContaining('malformed message')
    expect(scene.run.faults).toEqual([{ code: 'PEER_PROTOCOL', peer: 'odd', message }])
  })

  it('in another order is found out', async () => {
    const scene = await kindScene(kind, verifier)
    await expectSurvived(scene, joinOdd(scene.peers, kind, reorder))
    const code = REORDERED[kind.kind]
    expect(scene.run.faults).toEqual([{ code, peer: 'odd', message: expect.any(String) }])
    // It hears of it when its end of the pipe is closed, which may be after the sync.
    const why = scene.run.faults[0]!.message
    await expect.poll(() => scene.peers.dismissed.get('odd')).toBe(why)
  })

  it('that holds more than was asked for is found out', async () => {
    const scene = await kindScene(kind, verifier)
    await expectSurvived(scene, joinOdd(scene.peers, kind, oversize))
    const message = expect.stringContaining('oversized answer')
    expect(scene.run.faults).toEqual([{ code: 'PEER_PROTOCOL', peer: 'odd', message }])
  })

  it('with nothing in it is no lie: the peer rests, and is asked again', async () => {
    const scene = await kindScene(kind, verifier)
    const { run, peers, target } = scene
    const isChanged = joinOdd(peers, kind, empty)
    await run.sync(target)
    expect(isChanged()).toBe(true)
    expect(run.faults).toMatchObject([{ code: 'STATE_UNAVAILABLE', peer: 'odd' }])
    expect(peers.dismissed.has('odd')).toBe(false)
    await run.expectComplete(target)
  })

  const cut = kind.kind === 'accounts' ? 'is found out' : 'is taken, and the rest asked for again'
  it(`that leaves out what is at its end ${cut}`, async () => {
    const scene = await kindScene(kind, verifier)
    await expectSurvived(scene, joinOdd(scene.peers, kind, halve))
    const lies = [{ code: 'RANGE_PROOF', peer: 'odd', message: expect.any(String) }]
    expect(scene.run.faults).toEqual(kind.kind === 'accounts' ? lies : [])
  })
})

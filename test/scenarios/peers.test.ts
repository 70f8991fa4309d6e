import { bytesToHex } from '@noble/hashes/utils.js'
import { beforeAll, describe, expect, it } from 'vitest'
import type { SnapRequest } from '../../src/snap/SnapMessage.ts'
import type { SnapHandler } from '../../src/snap/server/serveSnap.ts'
import { createVerifier } from '../../src/verifier/createVerifier.ts'
import type { Verifier } from '../../src/verifier/Verifier.ts'
import { gethPeers } from '../support/geth/gethPeers.ts'
import { honestPeer, kindScene, REQUEST_KINDS } from '../support/peers/kindScene.ts'
import { servedStates } from '../support/peers/servedStates.ts'
import { TestPeers } from '../support/peers/TestPeers.ts'
import { plainAccounts, slotsOf, stateOf } from '../support/sync/accounts.ts'
import { SyncFixture } from '../support/sync/SyncFixture.ts'

const { useless } = gethPeers

let verifier: Verifier

beforeAll(async () => {
  verifier = await createVerifier()
})

/** What a request asks for, each piece by itself: it may come again in other company. */
function wishesOf(request: SnapRequest): string[] {
  switch (request.kind) {
    case 'GetAccountRange':
      return [bytesToHex(request.origin)]
    case 'GetStorageRanges':
      return request.accounts.map((hash) => bytesToHex(hash) + bytesToHex(request.origin))
    case 'GetByteCodes':
      return request.hashes.map(bytesToHex)
    case 'GetTrieNodes':
      return request.paths.flatMap(([first, ...inner]) => {
        const path = bytesToHex(first!)
        return inner.length === 0 ? [path] : inner.map((it) => `${path}/${bytesToHex(it)}`)
      })
  }
}

/** Each piece of a request that was lost was asked of another peer. */
function expectAskedAgain({ exchanges }: TestPeers, lost: SnapRequest, peer: string): void {
  const asked = exchanges.flatMap((exchange) => {
    const isOther = exchange.peer === peer && exchange.request.kind === lost.kind
    return isOther ? wishesOf(exchange.request) : []
  })
  expect(asked).toEqual(expect.arrayContaining(wishesOf(lost)))
}

const only = (kind: SnapRequest['kind']): SnapHandler => {
  const others = (
    ['GetAccountRange', 'GetStorageRanges', 'GetByteCodes', 'GetTrieNodes'] as const
  ).filter((other) => other !== kind)
  return others.reduce(useless, honestPeer)
}

describe.each(REQUEST_KINDS)('a request of $kind', (kind) => {
  const { asked } = kind

  it('is asked again when its peer leaves in the middle of it', async () => {
    const { run, peers, target } = await kindScene(kind, verifier)
    let lost: SnapRequest | undefined
    peers.join('leaver', (request) => {
      if (lost !== undefined || request.kind !== asked) return honestPeer(request)
      lost = request
      peers.leave('leaver')
      peers.join('stayer', honestPeer)
      return new Promise(() => {})
    })
    await run.sync(target)
    expect(run.faults).toEqual([])
    expectAskedAgain(peers, lost!, 'stayer')
    await run.expectComplete(target)
  })

  it('is asked again of a peer that joins in the middle of it, when its own is silent', async () => {
    const { run, peers, target } = await kindScene(kind, verifier, 5_000)
    let lost: SnapRequest | undefined
    peers.join('silent', (request) => {
      if (request.kind !== asked) return honestPeer(request)
      if (lost === undefined) peers.join('newcomer', honestPeer)
      lost ??= request
      return new Promise(() => {})
    })
    await run.sync(target)
    expect(run.faults.length).toBeGreaterThan(0)
    for (const fault of run.faults) {
      expect(fault).toMatchObject({ code: 'REQUEST_TIMEOUT', peer: 'silent' })
    }
    expectAskedAgain(peers, lost!, 'newcomer')
    await run.expectComplete(target)
  })

  it('is asked again when its peer lies in another', async () => {
    const { run, peers, target } = await kindScene(kind, verifier)
    let lost: SnapRequest | undefined
    const liar: SnapHandler = async (request) => {
      if (request.kind === asked && peers.exchanges.length > 3) {
        lost ??= request
        peers.send('liar', Uint8Array.of(0x2a, 0xc0))
        if (lost === request) peers.join('honest', honestPeer)
        return new Promise(() => {})
      }
      return honestPeer(request)
    }
    peers.join('liar', liar)
    await run.sync(target)
    expect(run.faults).toMatchObject([{ code: 'PEER_PROTOCOL', peer: 'liar' }])
    expectAskedAgain(peers, lost!, 'honest')
    await run.expectComplete(target)
  })

  it('is served by the only peer that serves this kind', async () => {
    const { run, peers, target } = await kindScene(kind, verifier)
    peers.join('others', useless(honestPeer, asked))
    peers.join('only', only(asked))
    await run.sync(target)
    expect(new Set(run.faults.map(({ code }) => code))).toEqual(new Set(['STATE_UNAVAILABLE']))
    const asking = peers.exchanges.filter(({ request }) => request.kind === asked)
    expect(new Set(asking.map(({ peer }) => peer))).toEqual(new Set(['others', 'only']))
    await run.expectComplete(target)
  })

  it('is not made again at once to a peer that has nothing, but at once in the next cycle', async () => {
    const { run, peers, target } = await kindScene(kind, verifier)
    const nothing = useless(honestPeer, asked)
    let helpers = 0
    let askedAt = 0
    peers.join('stateless', (request) => {
      // A helpful peer comes in each cycle: without one, time passes, and rests end with it.
      if (request.kind === asked) peers.join(`helper-${++helpers}`, honestPeer)
      if (request.kind === asked) askedAt = run.clock.now()
      return nothing(request)
    })
    await run.interrupt(target, () => peers.asked(asked).length > 1 && run.faults.length > 0)
    expect(helpers).toBe(1)
    peers.leave('helper-1')
    const begun = run.clock.now()
    await run.sync(target)
    expect(helpers).toBe(2)
    // Not when its rest of a second was over, but at once.
    expect(askedAt - begun).toBeLessThan(1_000)
    expect(run.faults.map(({ code, peer }) => `${peer} ${code}`)).toEqual(
      Array.from({ length: 2 }, () => 'stateless STATE_UNAVAILABLE'),
    )
    await run.expectComplete(target)
  })
})

describe('two peers that disagree', () => {
  const one = stateOf({ ...plainAccounts(50), contract: { slots: slotsOf(1, 5) } })
  const other = stateOf({ ...plainAccounts(50, 2n), contract: { slots: slotsOf(2, 5) } })

  it('each with a state of its own: the one that has the root serves it', async () => {
    const peers = new TestPeers({ one: servedStates(one), other: servedStates(other) })
    const run = new SyncFixture({ verifier, peers })
    await run.sync(one)
    await one.expectStored(run.store.completed)
    await run.sync(other)
    expect(new Set(run.faults.map(({ code }) => code))).toEqual(new Set(['STATE_UNAVAILABLE']))
    expect(peers.dismissed.size).toBe(0)
    await run.expectComplete(other)
  })

  it('one of which sells its own state as the other: it is found out by its first answer', async () => {
    const elsewhere = servedStates(other)
    const liar: SnapHandler = (request) =>
      elsewhere('root' in request ? { ...request, root: other.root } : request)
    const run = new SyncFixture({
      verifier,
      peers: new TestPeers({ liar, one: servedStates(one) }),
    })
    await run.sync(one)
    expect(run.faults).toMatchObject([{ code: 'RANGE_PROOF', peer: 'liar' }])
    await run.expectComplete(one)
  })

  it('one of which sells its own state as the other while it is healed', async () => {
    const elsewhere = servedStates(one)
    const peers = new TestPeers({ one: servedStates(one) })
    const run = new SyncFixture({ verifier, peers })
    await run.sync(one)
    peers.leave('one')
    peers.join('liar', (request) => {
      if (request.kind === 'GetTrieNodes') peers.join('other', servedStates(other))
      return elsewhere('root' in request ? { ...request, root: one.root } : request)
    })
    await run.sync(other)
    expect(run.faults).toMatchObject([{ code: 'NODE_MISMATCH', peer: 'liar' }])
    await run.expectComplete(other)
  })
})

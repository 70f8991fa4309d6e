import { DISCONNECT_REASON } from '@ethereumjs/devp2p'
import { keccak_256 } from '@noble/hashes/sha3.js'
import {
  decodeMessage,
  encodeMessage,
  NETWORKS,
  type SnapRequest,
  SnapRequestError,
  type SnapResponse,
  toHex,
} from 'cambium/server'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { stateHandler } from '../../../src/snap/server/stateHandler.ts'
import { sampleState } from '../../../test/support/snap/sampleState.ts'
import { ExecutionHeaders } from '../../test/ExecutionHeaders.ts'
import { type ExecutionNodeOptions, executionNode } from '../../test/executionNode.ts'
import type { StateRelay } from '../BridgeState.ts'
import { createNodeKey } from './createNodeKey.ts'
import { rlpxState } from './rlpxState.ts'
import type { UpstreamTimings } from './Upstream.ts'
import type { UpstreamEvent } from './UpstreamEvent.ts'

const state = sampleState()
const { source, root, large, small, codes } = state
const honest = stateHandler(source)
const FIRST = new Uint8Array(32)
const LAST = new Uint8Array(32).fill(0xff)

/** One of each kind. */
const QUESTIONS: SnapRequest[] = [
  { kind: 'GetAccountRange', id: 5n, root, origin: FIRST, limit: LAST, bytes: 2_000 },
  {
    ...{ kind: 'GetStorageRanges', id: 6n, root, origin: FIRST, limit: LAST, bytes: 3_000 },
    accounts: [small.hash, large.hash],
  },
  {
    ...{ kind: 'GetByteCodes', id: 7n, bytes: 10_000 },
    hashes: codes.map((code) => keccak_256(code)),
  },
  {
    ...{ kind: 'GetTrieNodes', id: 8n, root, bytes: 10_000 },
    paths: [[Uint8Array.of(0)], [Uint8Array.of(0x11)], [large.hash, Uint8Array.of(0)]],
  },
]

async function node(options: Partial<ExecutionNodeOptions> = {}) {
  const headers = options.headers ?? new ExecutionHeaders([root])
  const started = await executionNode({ source, headers, ...options })
  onTestFinished(() => started.stop())
  return { ...started, tricks: started.tricks, headers, started }
}

async function relay(enodes: string, timings: Partial<UpstreamTimings> = {}) {
  const events: UpstreamEvent[] = []
  const quick = { handshakeMs: 3_000, requestMs: 3_000, pollMs: 20, ...timings }
  const relayed = await rlpxState(enodes, {
    timings: quick,
    onEvent: (event) => events.push(event),
  })
  onTestFinished(() => relayed.relay.stop())
  return { ...relayed, events }
}

async function ask(relay: StateRelay, request: SnapRequest): Promise<SnapResponse> {
  return decodeMessage(encodeMessage(await relay.answer(request))) as SnapResponse
}

describe('rlpxState', () => {
  it.each(['eth/68', 'eth/69'] as const)('relays over %s what the node answers', async (eth) => {
    const { started } = await node({ capabilities: [eth, 'snap/1'] })
    const { relay: upstreams, network, heads } = await relay(started.enode)
    expect(started.peers).toEqual([eth])
    for (const question of QUESTIONS) {
      expect(await ask(upstreams, question)).toEqual(honest(question))
    }
    expect(network).toEqual({
      ...{ name: 'network 1337', chainId: 1337, genesisHash: toHex(heads.head.hash) },
      stateRoot: toHex(root),
    })
    expect(started.faults).toEqual([])
  })

  it('asks under ids of its own', async () => {
    const { started } = await node()
    const { relay: upstreams } = await relay(started.enode)
    const question = QUESTIONS[0]!
    const answers = await Promise.all([ask(upstreams, question), ask(upstreams, question)])
    expect(answers.map(({ id }) => id)).toEqual([question.id, question.id])
    const ids = started.requests.map(({ id }) => id)
    expect(new Set([...ids, question.id]).size).toBe(3)
  })

  it('knows the networks whose genesis it meets', async () => {
    const headers = new ExecutionHeaders([root])
    const known = { ...NETWORKS.hoodi, genesisHash: toHex(headers.genesis.hash) }
    vi.spyOn(Object, 'values').mockReturnValueOnce([known])
    const { started } = await node({ headers })
    expect((await relay(started.enode)).network).toBe(known)
    vi.restoreAllMocks()
  })

  it('has no headers to give, and says so', async () => {
    const { started } = await node()
    await relay(started.enode)
    await expect.poll(() => started.peers.length).toBe(1)
    expect(await started.askHeaders()).toEqual([0])
    expect(started.faults).toEqual([])
  })

  it('has nothing to give to a node that syncs itself either', async () => {
    const { started } = await node()
    const { relay: upstreams } = await relay(started.enode)
    const empty = { kind: 'AccountRange', accounts: { count: 0 }, proof: [] }
    expect(await started.askAccounts()).toMatchObject([empty])
    expect(await ask(upstreams, QUESTIONS[0]!)).toEqual(honest(QUESTIONS[0]!))
    expect(started.faults).toEqual([])
  })

  it('takes as many nodes that are not there as were asked for, which a node does not count as bytes', async () => {
    const { started } = await node()
    const { relay: upstreams, events } = await relay(started.enode)
    const paths = Array.from({ length: 16_000 }, () => [Uint8Array.of(0x20)])
    const question: SnapRequest = { kind: 'GetTrieNodes', id: 1n, root, paths, bytes: 0 }
    started.tricks.answer = ({ id }) => {
      return { kind: 'TrieNodes', id, nodes: paths.map(() => new Uint8Array()) }
    }
    expect(await ask(upstreams, question)).toMatchObject({ nodes: { length: 16_000 } })
    expect(events.map(({ type }) => type)).toEqual(['connected'])
  })

  it('refuses what a node would end the connection for, and does not pass it on', async () => {
    const { started } = await node()
    const { relay: upstreams } = await relay(started.enode)
    const empty: SnapRequest = { kind: 'GetTrieNodes', id: 1n, root, paths: [[]], bytes: 100 }
    await expect(upstreams.answer(empty)).rejects.toBeInstanceOf(SnapRequestError)
    const sets = started.requests.flatMap((asked) => ('paths' in asked ? asked.paths : []))
    expect(sets.filter((set) => set.length === 0)).toEqual([])
    expect(started.faults).toEqual([])
  })

  it('has an empty answer where the node does not know the root', async () => {
    const { started } = await node()
    const { relay: upstreams } = await relay(started.enode)
    for (const question of QUESTIONS) {
      if (!('root' in question)) continue
      const answer = await ask(upstreams, { ...question, root: FIRST })
      expect(answer).toEqual(honest({ ...question, root: FIRST }))
    }
  })

  describe('heads', () => {
    it.each(['eth/68', 'eth/69'] as const)('are followed over %s, and a reorg too', async (eth) => {
      const { started, headers } = await node({ capabilities: [eth, 'snap/1'] })
      const { heads } = await relay(started.enode)
      const told: number[] = []
      heads.subscribe(({ number }) => told.push(number))
      const isHead = () => expect.poll(() => toHex(heads.head.hash)).toBe(toHex(headers.head.hash))
      for (let count = 0; count < 3; count++) {
        headers.extend(root)
        await isHead()
      }
      expect(heads.head).toMatchObject({ number: 3, stateRoot: root })
      // Another block of the same number, then a chain that is shorter.
      headers.extend(FIRST, { after: 2 })
      await isHead()
      headers.extend(FIRST, { after: 0 })
      await isHead()
      expect(told).toEqual([0, 1, 2, 3, 3, 1])
    })

    it('are told by the node, where it tells them', async () => {
      const { started, headers } = await node({ capabilities: ['eth/69', 'snap/1'] })
      const { heads } = await relay(started.enode, { pollMs: 1_000_000 })
      headers.extend(root)
      started.announce()
      await expect.poll(() => heads.head.number).toBe(1)
    })

    it('are found behind more blocks than one answer has', async () => {
      const { started, headers } = await node()
      const { heads } = await relay(started.enode)
      for (let count = 0; count < 200; count++) headers.extend(root)
      await expect.poll(() => heads.head.number).toBe(200)
    })

    it.each([
      ['that are not those asked for', (all: readonly Uint8Array[]) => all.slice(1)],
      ['that do not follow each other', ([a, _, ...more]: readonly Uint8Array[]) => [a!, ...more]],
      ['that are no headers', () => [Uint8Array.of(0xc1, 0x05)]],
    ])('%s end the connection, and are not announced', async (_, change) => {
      const { started, headers } = await node()
      const { heads, events } = await relay(started.enode)
      started.tricks.headers = (_, found) => change(found.map(({ rlp }) => rlp))
      for (let count = 0; count < 3; count++) headers.extend(root)
      await expect.poll(() => events.map(({ type }) => type)).toContain('lost')
      expect(heads.head.number).toBe(0)
    })
  })

  describe('several nodes', () => {
    it('share the load', async () => {
      const nodes = [await node(), await node()].map(({ started }) => started)
      let release = () => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      for (const { tricks } of nodes) {
        tricks.answer = async (_, honest) => {
          await held
          return honest()
        }
      }
      const { relay: upstreams, events } = await relay(nodes.map(({ enode }) => enode).join())
      await expect.poll(() => events.filter(({ type }) => type === 'connected').length).toBe(2)
      const answers = Array.from({ length: 10 }, () => ask(upstreams, QUESTIONS[0]!))
      await expect.poll(() => nodes.map(({ requests }) => requests.length)).toEqual([5, 5])
      release()
      expect(await Promise.all(answers)).toHaveLength(10)
    })

    it('are asked for what another does not have', async () => {
      const headers = new ExecutionHeaders([root])
      const { started: empty } = await node({ headers, source: noSource() })
      const { started: full } = await node({ headers })
      const { relay: upstreams, events } = await relay(`${empty.enode},${full.enode}`)
      await expect.poll(() => events.filter(({ type }) => type === 'connected').length).toBe(2)
      for (const question of QUESTIONS) {
        expect(await ask(upstreams, question)).toEqual(honest(question))
      }
      expect(full.requests.length).toBe(QUESTIONS.length)
    })

    it('take over from one that goes, and it is tried again', async () => {
      const headers = new ExecutionHeaders([root])
      const { started: first } = await node({ headers })
      const { started: second } = await node({ headers })
      const { relay: upstreams, events } = await relay(`${first.enode},${second.enode}`)
      await first.stop()
      await expect.poll(() => events.map(({ type }) => type)).toContain('lost')
      expect(await ask(upstreams, QUESTIONS[0]!)).toEqual(honest(QUESTIONS[0]!))
      await first.restart()
      await second.stop()
      await expect
        .poll(() => ask(upstreams, QUESTIONS[1]!), { timeout: 10_000 })
        .toEqual(honest(QUESTIONS[1]!))
    })

    it('must be of one network', async () => {
      const { started } = await node()
      const other = new ExecutionHeaders([root, root])
      const { started: stranger } = await node({ headers: other, networkId: 5 })
      const { events } = await relay(`${started.enode},${stranger.enode}`)
      await expect
        .poll(() => events)
        .toContainEqual(
          expect.objectContaining({
            type: 'lost',
            reason: expect.stringMatching(/^belongs to network \d+ .* not to network \d+ /),
          }),
        )
    })

    it('must have one genesis, whatever they call their network', async () => {
      const { started } = await node()
      const { started: stranger } = await node({ headers: new ExecutionHeaders([FIRST]) })
      const { events } = await relay(`${started.enode},${stranger.enode}`)
      const reason = expect.stringMatching(/^belongs to network 1337 .* not to network 1337 /)
      await expect.poll(() => events).toContainEqual(expect.objectContaining({ reason }))
    })

    it('are not bound to the network of one that cannot serve it', async () => {
      const { started: wrong } = await node({
        networkId: 5,
        headers: new ExecutionHeaders([FIRST]),
      })
      // It has its genesis, and no newest block.
      wrong.tricks.headers = ({ start }, found) => (start === 0 ? found.map(({ rlp }) => rlp) : [])
      const { started: right } = await node()
      const { network } = await relay(`${wrong.enode},${right.enode}`)
      expect(network.chainId).toBe(1337)
    })

    it('on branches of one height tell no more than the one that was first', async () => {
      const one = new ExecutionHeaders([root])
      const other = new ExecutionHeaders([root])
      const { started: first } = await node({ headers: one })
      const { started: second } = await node({ headers: other })
      const { heads, events } = await relay(`${first.enode},${second.enode}`)
      await expect.poll(() => events.filter(({ type }) => type === 'connected').length).toBe(2)
      const told: string[] = []
      heads.subscribe(({ hash }) => told.push(toHex(hash)))
      one.extend(root)
      await expect.poll(() => told.length).toBe(2)
      other.extend(FIRST)
      const looks = second.headerQueries.length
      await expect.poll(() => second.headerQueries.length).toBeGreaterThan(looks + 3)
      expect(told).toEqual([toHex(one.genesis.hash), toHex(one.head.hash)])
      other.extend(root)
      await expect.poll(() => told.at(-1)).toBe(toHex(other.head.hash))
    })

    it('do not all lose their connections to one question', async () => {
      const nodes = [await node(), await node()].map(({ started }) => started)
      const { relay: upstreams, events } = await relay(nodes.map(({ enode }) => enode).join())
      await expect.poll(() => events.filter(({ type }) => type === 'connected').length).toBe(2)
      for (const { tricks } of nodes) {
        tricks.answer = ({ id }) => ({ kind: 'ByteCodes', id, codes: [] })
      }
      expect(await ask(upstreams, QUESTIONS[0]!)).toMatchObject({ proof: [] })
      await expect.poll(() => events.map(({ type }) => type)).toContain('lost')
      expect(upstreams.upstreams().connected).toBe(1)
    })

    it('of which none is there leave nothing to answer with', async () => {
      const { started } = await node()
      const { relay: upstreams } = await relay(started.enode)
      expect(upstreams.ready()).toEqual({ ready: true })
      await started.stop()
      await expect
        .poll(() => upstreams.ready())
        .toEqual({
          ...{ ready: false, reason: 'none of 1 upstreams is connected' },
        })
      expect(await ask(upstreams, QUESTIONS[0]!)).toMatchObject({ id: 5n, proof: [] })
    })
  })

  it('gives up a node that answers nothing, and asks another', async () => {
    const headers = new ExecutionHeaders([root])
    const { started: mute } = await node({ headers })
    const { started: other } = await node({ headers })
    mute.tricks.answer = () => undefined
    const { relay: upstreams, events } = await relay(`${mute.enode},${other.enode}`, {
      requestMs: 50,
    })
    await expect.poll(() => events.filter(({ type }) => type === 'connected').length).toBe(2)
    await expect
      .poll(async () => {
        expect(await ask(upstreams, QUESTIONS[0]!)).toEqual(honest(QUESTIONS[0]!))
        return events.map((event) => 'reason' in event && event.reason)
      })
      .toEqual(expect.arrayContaining([expect.stringMatching(/^no answer for \d+ s$/)]))
  })

  it('tells which nodes cannot be reached, when another one can', async () => {
    const { started: gone } = await node()
    await gone.stop()
    // It fails at once, while the other one shakes hands.
    const { started } = await node({ headers: new ExecutionHeaders([root]) })
    const { events } = await relay(`${gone.enode},${started.enode}`)
    const seen = () => events.map(({ type, upstream }) => `${type} ${upstream.split('@')[1]}`)
    const [there, away] = [started, gone].map(({ enode }) => enode.split('@')[1])
    await expect.poll(seen).toEqual(expect.arrayContaining([`lost ${away}`, `connected ${there}`]))
  })

  describe('refuses to start', () => {
    const reason = (enode: string, timings = {}) =>
      relay(enode, timings).then(
        () => undefined,
        (error) => `${error.code} ${error.message}`,
      )

    it('where nothing listens', async () => {
      const { started } = await node()
      await started.stop()
      expect(await reason(started.enode)).toMatch(
        /^NO_UPSTREAM no execution client can be reached: upstream \w{8}@127.0.0.1:\d+: connect ECONNREFUSED/,
      )
    })

    it('with one error, which says it all', async () => {
      const { started } = await node()
      await started.stop()
      const onEvent = vi.fn()
      await expect(rlpxState(started.enode, { onEvent })).rejects.toThrow('ECONNREFUSED')
      expect(onEvent).not.toHaveBeenCalled()
    })

    it('where another node listens than the enode says', async () => {
      const { started } = await node()
      const id = toHex(createNodeKey().id).slice(2)
      const enode = started.enode.replace(/[0-9a-f]{128}/, id)
      expect(await reason(enode, { handshakeMs: 500 })).toMatch(
        /is the id in the enode its own\?|no handshake within/,
      )
    })

    it('where the id is no public key', async () => {
      const { started } = await node()
      const enode = started.enode.replace(/[0-9a-f]{128}/, '11'.repeat(64))
      expect(await reason(enode)).toMatch(/^NO_UPSTREAM .*upstream 11111111@/)
    })

    it('where the node does not speak snap/1', async () => {
      const { started } = await node({ capabilities: ['eth/69'] })
      expect(await reason(started.enode)).toContain('does not speak snap/1')
    })

    it('where the node speaks no eth that is known', async () => {
      const { started } = await node({ capabilities: ['snap/1'] })
      expect(await reason(started.enode)).toContain('speaks neither eth/68 nor eth/69')
    })

    it('where the node has no place', async () => {
      const { started } = await node({ capabilities: ['eth/69', 'snap/1'] })
      started.tricks.refuse = DISCONNECT_REASON.TOO_MANY_PEERS
      expect(await reason(started.enode)).toContain('disconnected (too many peers)')
    })

    it('where the node has blocks without end', async () => {
      const { started, headers } = await node()
      for (let count = 0; count < 64; count++) headers.extend(root)
      // Each answer is full, and continues somewhere else.
      started.tricks.headers = ({ start }, found) => {
        if (start === 0) return [headers.genesis.rlp]
        return found.length === 64 ? found.map(({ rlp }) => rlp) : undefined
      }
      expect(await reason(started.enode, { handshakeMs: 300 })).toContain('no blocks within 300 ms')
    })

    it('where the node has another genesis than it tells', async () => {
      const { started } = await node()
      const other = new ExecutionHeaders([FIRST])
      started.tricks.headers = () => [other.genesis.rlp]
      expect(await reason(started.enode)).toMatch(/tells genesis 0x\w{64}, but has 0x\w{64}/)
    })
  })

  describe('a false answer', () => {
    /** A change of each kind of answer that a browser would find out. */
    const LIES: Record<string, (answer: SnapResponse) => SnapResponse> = {
      AccountRange: (answer) => {
        if (answer.kind !== 'AccountRange') return answer
        const values = answer.accounts.values.slice()
        values[3]! ^= 1
        return { ...answer, accounts: { ...answer.accounts, values } }
      },
      StorageRanges: (answer) => {
        if (answer.kind !== 'StorageRanges') return answer
        const [list, ...more] = answer.slots
        const values = list!.values.slice()
        values[list!.offsets[1]! - 1]! ^= 1
        return { ...answer, slots: [{ ...list!, values }, ...more] }
      },
      ByteCodes: (answer) => {
        return answer.kind === 'ByteCodes' ? { ...answer, codes: [codes[0]!.slice(1)] } : answer
      },
      TrieNodes: (answer) => {
        if (answer.kind !== 'TrieNodes') return answer
        return { ...answer, nodes: answer.nodes.map((node) => node.slice().reverse()) }
      },
    }

    it.each(QUESTIONS.map((question) => [question.kind, question] as const))(
      'to %s is found out when a browser says so, and who gave it is left alone',
      async (kind, question) => {
        const { started } = await node()
        const lie = LIES[kind.replace('Get', '')]!
        // Only to what the browser asked: a node that never tells the truth is found out all the
        // more.
        started.tricks.answer = (request, honest) => {
          const isAsked = 'bytes' in request && request.bytes === question.bytes
          return isAsked ? lie(honest()) : honest()
        }
        const { relay: upstreams, events } = await relay(started.enode)
        const answer = await upstreams.answer(question)
        expect(await upstreams.refute(question, answer)).toBe(true)
        await expect
          .poll(() => events.at(-1))
          .toMatchObject({ type: 'lost', reason: `gave a false answer to ${kind}` })
        expect((events.at(-1) as { inMs: number }).inMs).toBeGreaterThan(590_000)
        expect(upstreams.ready().ready).toBe(false)
      },
    )

    it.each(QUESTIONS.map((question) => [question.kind, question] as const))(
      'to %s that is none does a node no harm',
      async (_, question) => {
        const { started } = await node()
        const { relay: upstreams, events } = await relay(started.enode)
        const answer = await upstreams.answer(question)
        expect(await upstreams.refute(question, answer)).toBe(false)
        // Where it is not kept any more, the node is asked again.
        expect(await upstreams.refute(question, undefined)).toBe(false)
        expect(events.map(({ type }) => type)).toEqual(['connected'])
      },
    )

    it('is not suspected in what a limit has cut, which has no proof', async () => {
      const { started } = await node()
      const { relay: upstreams, events } = await relay(started.enode)
      const [second] = [...large.storage.leaves(FIRST)].slice(1)
      const question: SnapRequest = {
        ...{ kind: 'GetStorageRanges', id: 1n, root, accounts: [large.hash], bytes: 10_000 },
        ...{ origin: FIRST, limit: second![0] },
      }
      const answer = await upstreams.answer(question)
      expect(await upstreams.refute(question, answer)).toBe(false)
      expect(events.map(({ type }) => type)).toEqual(['connected'])
    })

    it('costs no more to look into than it may', async () => {
      const { started } = await node()
      const { relay: upstreams } = await relay(started.enode)
      const inner = Array.from({ length: 1_000 }, (_, at) => {
        return Uint8Array.of(0, at >> 8, at & 0xff)
      })
      const question: SnapRequest = {
        ...{ kind: 'GetTrieNodes', id: 1n, root, bytes: 100_000 },
        paths: [[large.hash, Uint8Array.of(0), ...inner]],
      }
      const answer = await upstreams.answer(question)
      const before = started.requests.length
      expect(await upstreams.refute(question, answer)).toBe(false)
      expect(started.requests.length - before).toBeLessThanOrEqual(256)
    })

    it('is looked into with the help of others, where there are any', async () => {
      const nodes = [await node(), await node()].map(({ started }) => started)
      const { relay: upstreams, events } = await relay(nodes.map(({ enode }) => enode).join())
      await expect.poll(() => events.filter(({ type }) => type === 'connected').length).toBe(2)
      const question = QUESTIONS[1]!
      const answer = await upstreams.answer(question)
      const liar = nodes.find(({ requests }) => requests.length > 0)!
      const other = nodes.find((node) => node !== liar)!
      expect(await upstreams.refute(question, answer)).toBe(false)
      expect(liar.requests).toHaveLength(1)
      expect(other.requests.length).toBeGreaterThan(0)
    })

    it('is believed of one whose proofs prove nothing either', async () => {
      const { started } = await node()
      const { relay: upstreams } = await relay(started.enode)
      started.tricks.answer = (_, honest) => {
        const answer = honest()
        return 'proof' in answer ? { ...answer, proof: answer.proof.slice(1) } : answer
      }
      const question = QUESTIONS[3]!
      const answer = await upstreams.answer(question)
      expect(await upstreams.refute(question, answer)).toBe(true)
    })

    it('is not forgiven because its node has gone, and is after a while', async () => {
      const { started } = await node()
      const { relay: upstreams, events } = await relay(started.enode, { exileMs: 300 })
      const lie = LIES.AccountRange!
      started.tricks.answer = (_, honest) => lie(honest())
      const answer = await upstreams.answer(QUESTIONS[0]!)
      started.drop()
      expect(await upstreams.refute(QUESTIONS[0]!, answer)).toBe(true)
      await expect.poll(() => events.filter(({ type }) => type === 'lost').length).toBe(1)
      started.tricks.answer = undefined
      await expect
        .poll(() => ask(upstreams, QUESTIONS[0]!), { timeout: 10_000 })
        .toEqual(honest(QUESTIONS[0]!))
    })

    it('that nobody gave says nothing', async () => {
      const { started } = await node()
      const { relay: upstreams } = await relay(started.enode)
      expect(await upstreams.refute(QUESTIONS[0]!, undefined)).toBe(false)
      expect(started.requests).toEqual([])
    })

    it('of a state that is gone says nothing', async () => {
      const { started } = await node()
      const { relay: upstreams, events } = await relay(started.enode)
      const question = QUESTIONS[1]!
      const answer = await upstreams.answer(question)
      started.tricks.answer = (request) =>
        honest({ ...request, root: FIRST } as SnapRequest) as SnapResponse
      expect(await upstreams.refute(question, answer)).toBe(false)
      expect(events.map(({ type }) => type)).toEqual(['connected'])
    })
  })
})

function noSource() {
  return { state: () => undefined, code: () => undefined }
}

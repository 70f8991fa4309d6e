import { RLP } from '@ethereumjs/rlp'
import { RlpError } from 'cambium/server'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { virtualTimers } from '../../../../test/support/snap/virtualTimers.ts'
import { ExecutionHeaders } from '../../../test/ExecutionHeaders.ts'
import { EthSession } from './EthSession.ts'
import type { EthStatus } from './EthStatus.ts'

const root = new Uint8Array(32).fill(7)
const headers = new ExecutionHeaders([root, root, root, root])
const genesis = headers.genesis.hash
const fork = [Uint8Array.of(1, 2, 3, 4), 99]
const STATUS = {
  68: RLP.encode([68, 1337, 5, headers.head.hash, genesis, fork]),
  69: RLP.encode([69, 1337, genesis, fork, 0, 3, headers.head.hash]),
}

function session(version: 68 | 69 = 69) {
  const sent: [number, unknown][] = []
  const statuses: EthStatus[] = []
  const latest: Uint8Array[] = []
  const timers = virtualTimers()
  const eth = new EthSession({
    ...{ version, timers, timeoutMs: 1_000 },
    send: (code, body) => sent.push([code, RLP.decode(body)]),
    onStatus: (status) => statuses.push(status),
    onLatest: (hash) => latest.push(hash),
  })
  return { eth, sent, statuses, latest, timers }
}

function greeted(version: 68 | 69 = 69) {
  const all = session(version)
  all.eth.receive(0, STATUS[version])
  all.sent.length = 0
  return all
}

const bytes = (...values: number[]) => Uint8Array.from(values)

describe('EthSession', () => {
  it.each([68, 69] as const)(
    'answers a status of eth/%d with one of the same network',
    (version) => {
      const { eth, sent, statuses } = session(version)
      eth.receive(0, STATUS[version])
      expect(statuses).toMatchObject([
        { networkId: 1337n, genesisHash: genesis, latestHash: headers.head.hash },
      ])
      const network = [bytes(5, 57), genesis, [fork[0], bytes(99)]]
      const own =
        version === 69
          ? [bytes(69), ...network, bytes(), bytes(), genesis]
          : [bytes(68), network[0], bytes(), genesis, genesis, network[2]]
      expect(sent).toEqual([[0, own]])
    },
  )

  it.each([
    ['another version', RLP.encode([68, 1337, genesis, fork, 0, 3, genesis])],
    ['a genesis that is no hash', RLP.encode([69, 1337, genesis.slice(1), fork, 0, 3, genesis])],
    ['no list', bytes(5)],
    ['nothing', bytes()],
  ])('refuses a status with %s', (_, status) => {
    expect(() => session().eth.receive(0, status)).toThrow(RlpError)
  })

  it('refuses anything before the status, and another status after it', () => {
    expect(() => session().eth.receive(4, RLP.encode([1, []]))).toThrow(
      'message 4 before the status',
    )
    expect(() => greeted().eth.receive(0, STATUS[69])).toThrow('a second status')
  })

  it('has nothing to give, and says so', () => {
    const { eth, sent } = greeted()
    for (const code of [3, 5, 9, 15]) eth.receive(code, RLP.encode([code, [1]]))
    expect(sent).toEqual([3, 5, 9, 15].map((code) => [code + 1, [bytes(code), []]]))
  })

  it('leaves alone what it has no use for', () => {
    const { eth, sent } = greeted()
    for (const code of [1, 2, 7, 8, 10, 16]) eth.receive(code, RLP.encode([1, []]))
    expect(sent).toEqual([])
  })

  it('tells of the newest block', () => {
    const { eth, latest } = greeted()
    eth.receive(0x11, RLP.encode([0, 3, headers.head.hash]))
    expect(latest).toEqual([headers.head.hash])
    expect(() => eth.receive(0x11, RLP.encode([0, 3, bytes(1)]))).toThrow(RlpError)
  })

  it('asks by number and by hash, and tells headers with the hashes of what came', async () => {
    const { eth, sent } = greeted()
    const byNumber = eth.headers({ from: 1, most: 2 })
    const byHash = eth.headers({ from: genesis, most: 9 })
    expect(sent).toEqual([
      [3, [bytes(1), [bytes(1), bytes(2), bytes(), bytes()]]],
      [3, [bytes(2), [genesis, bytes(9), bytes(), bytes()]]],
    ])
    const chain = headers.find({ start: 0, limit: 9, skip: 0, reverse: false })
    const answer = (id: number, list: typeof chain) => {
      eth.receive(4, RLP.encode([id, list.map(({ rlp }) => RLP.decode(rlp))]))
    }
    answer(2, chain)
    answer(1, chain.slice(1, 3))
    const known = chain.map(({ rlp: _, ...header }) => header)
    expect(await byHash).toEqual(known)
    expect(await byNumber).toEqual(known.slice(1, 3))
  })

  it('waits for an answer no longer than it may, and knows it when it is late', async () => {
    const { eth, timers } = greeted()
    const asked = eth.headers({ from: 0, most: 1 })
    timers.advance(1_000)
    await expect(asked).rejects.toThrow('no headers within 1000 ms')
    eth.receive(4, RLP.encode([1, []]))
    expect(timers.size).toBe(0)
  })

  it('answers nothing more when the connection has ended', async () => {
    const { eth, timers } = greeted()
    const asked = eth.headers({ from: 0, most: 1 })
    eth.end(new Error('gone'))
    await expect(asked).rejects.toThrow('gone')
    await expect(eth.headers({ from: 0, most: 1 })).rejects.toThrow('gone')
    expect(timers.size).toBe(0)
  })

  it('meets whatever a node sends with an error of its own, or with none', () => {
    const code = fc.constantFrom(0, 3, 4, 5, 0x11, 0x12)
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.tuple(fc.nat(80), fc.nat(255)).map(([at, value]) => {
        const changed = STATUS[69].slice()
        changed[at % changed.length] = value
        return changed
      }),
    )
    fc.assert(
      fc.property(code, body, fc.boolean(), (code, body, isGreeted) => {
        const { eth } = isGreeted ? greeted() : session()
        void eth.headers({ from: 0, most: 1 }).catch(() => {})
        try {
          eth.receive(code, body)
        } catch (error) {
          if (!(error instanceof RlpError)) throw error
        }
        eth.end(new Error('over'))
      }),
    )
  })
})

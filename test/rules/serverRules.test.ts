import { keccak_256 } from '@noble/hashes/sha3.js'
import { describe, expect, it } from 'vitest'
import { leafKey, leafValue, sliceLeaves } from '../../src/leaves/Leaves.ts'
import { packLeaves } from '../../src/leaves/packLeaves.ts'
import { memoryPipes } from '../../src/pipes/memoryPipes.ts'
import type { SnapRequest, SnapResponse } from '../../src/snap/SnapMessage.ts'
import { type SnapHandler, serveSnap } from '../../src/snap/server/serveSnap.ts'
import { stateHandler } from '../../src/snap/server/stateHandler.ts'
import { JsVerifier } from '../../src/verifier/JsVerifier.ts'
import { sampleState } from '../support/snap/sampleState.ts'
import { mptProver } from '../support/trie/mptProver.ts'
import { askOverPipe } from './askOverPipe.ts'
import type { RangeProver } from './checkAnswer.ts'
import { describeState } from './describeState.ts'
import { runRules } from './runRules.ts'
import { sameAnswers } from './sameAnswers.ts'
import { serverRules } from './serverRules.ts'

const sample = sampleState()
const truth = describeState(sample.source, sample.root)
const honest = stateHandler(sample.source) as (request: SnapRequest) => SnapResponse

function server(handler: SnapHandler) {
  return askOverPipe(() => {
    const [client, pipe] = memoryPipes()
    void serveSnap(pipe, handler)
    return client
  })
}

/** A server that changes its answers of one kind. */
function changed<Kind extends SnapResponse['kind']>(
  kind: Kind,
  change: (answer: Extract<SnapResponse, { kind: Kind }>, request: SnapRequest) => object,
): SnapHandler {
  return (request) => {
    const answer = honest(request)
    if (answer.kind !== kind) return answer
    return { ...answer, ...change(answer as Extract<SnapResponse, { kind: Kind }>, request) }
  }
}

/** A server that reads requests in its own way. */
function reading(change: (request: SnapRequest) => object): SnapHandler {
  return (request) => honest({ ...request, ...change(request) } as SnapRequest)
}

const MAX = new Uint8Array(32).fill(0xff)

describe('server rules', () => {
  it('have names of their own', () => {
    const names = serverRules.map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('are kept by the state handler, as two implementations of proofs see it', async () => {
    const ours: RangeProver = (claim) => new JsVerifier().verifyRange(claim)
    const { kept, broken, skipped } = await runRules(server(honest), truth, [ours, mptProver])
    expect(broken).toEqual([])
    expect(skipped.filter((name) => !name.startsWith('of '))).toEqual([])
    expect(kept.length + skipped.length).toBe(serverRules.length)
  })

  it.each<[string, SnapHandler, broken: string]>([
    [
      'ids of 32 bits',
      (request) => ({ ...honest(request), id: request.id & 0xffffffffn }),
      'messages: the largest id',
    ],
    [
      'as many accounts as fit and no more',
      changed('AccountRange', ({ accounts }) => ({
        accounts: accounts.count > 1 ? sliceLeaves(accounts, 0, accounts.count - 1) : accounts,
      })),
      'accounts: a byte less than two take: two',
    ],
    [
      'nothing when asked for no bytes',
      changed('AccountRange', (answer, { bytes }) =>
        bytes === 0 ? { accounts: packLeaves([]), proof: [] } : answer,
      ),
      'accounts: no bytes: one account',
    ],
    [
      'accounts to the end, whatever the limit',
      reading((request) => ('origin' in request && !('accounts' in request) ? { limit: MAX } : {})),
      'accounts: limit at an account: it is included',
    ],
    [
      'no proof of all accounts',
      changed('AccountRange', ({ accounts, proof }) => ({
        proof: accounts.count === truth.sorted.length ? [] : proof,
      })),
      'accounts: everything, up to what a server sends',
    ],
    [
      'a proof that lacks its last node',
      changed('AccountRange', ({ proof }) => ({ proof: proof.slice(0, -1) })),
      'accounts: origin between two accounts',
    ],
    [
      'one state for every root',
      reading((request) => ('root' in request ? { root: truth.root } : {})),
      'accounts: none for the root of a storage trie',
    ],
    [
      'another balance',
      changed('AccountRange', ({ accounts }) => ({
        accounts: packLeaves(
          Array.from({ length: accounts.count }, (_, index) => {
            const value = leafValue(accounts, index).slice()
            value[2]! ^= 1
            return [leafKey(accounts, index), value]
          }),
        ),
      })),
      'accounts: one byte: one account',
    ],
    [
      'an empty list for an account without slots',
      changed('StorageRanges', ({ slots }) => ({ slots: slots.length ? slots : [packLeaves([])] })),
      'slots: an account without slots: no list',
    ],
    [
      'no tenth more',
      reading((request) => ('accounts' in request ? { bytes: request.bytes / 1.1 } : {})),
      'slots: 3000 bytes, and a tenth more',
    ],
    [
      'a proof of all that is whole',
      changed('StorageRanges', ({ slots, proof }) => ({
        proof: slots.length > 0 && proof.length === 0 ? [Uint8Array.of(1)] : proof,
      })),
      'slots: several accounts, in the order asked for, and again',
    ],
    [
      'no proof of what is cut',
      changed('StorageRanges', () => ({ proof: [] })),
      'slots: one byte: one slot',
    ],
    [
      'the limit for every account',
      reading((request) =>
        'accounts' in request ? { accounts: request.accounts.slice(0, 1) } : {},
      ),
      'slots: limit of the first account only',
    ],
    [
      'a code once',
      changed('ByteCodes', ({ codes }) => ({ codes: [...new Set(codes)] })),
      'codes: the same hash four times: the same code four times',
    ],
    [
      'an item for a code that is not there',
      changed('ByteCodes', ({ codes }, request) => {
        const missing = 'hashes' in request ? request.hashes.length - codes.length : 0
        return { codes: request.bytes < 2000 ? codes : [...codes, ...new Array(missing).fill(MAX)] }
      }),
      'codes: unknown ones are left out',
    ],
    [
      'codes without an end',
      reading((request) => ('hashes' in request ? { bytes: 100_000 } : {})),
      'codes: one byte: one code',
    ],
    [
      'a gap where there is no node',
      changed('TrieNodes', ({ nodes }) => ({ nodes: nodes.filter(({ length }) => length > 0) })),
      'nodes: a path longer than any key',
    ],
    [
      'nodes in the order of their hashes',
      changed('TrieNodes', ({ nodes }) => ({
        nodes: nodes.toSorted((a, b) => Buffer.compare(keccak_256(a), keccak_256(b))),
      })),
      'nodes: storages of several accounts, between nodes of accounts',
    ],
    [
      'nodes without an end',
      reading((request) => ('paths' in request ? { bytes: 2 ** 21 } : {})),
      'nodes: no bytes: one node',
    ],
    [
      'nothing for a path set without paths',
      (request) =>
        'paths' in request
          ? honest({ ...request, paths: request.paths.filter(({ length }) => length > 0) })
          : honest(request),
      'nodes: a path set without paths',
    ],
  ])('are broken by a server that gives %s', async (_, handler, name) => {
    const { broken } = await runRules(server(handler), truth)
    expect(broken.filter((problem) => problem.startsWith(`${name}: `)).length).toBe(1)
    expect(broken.length).toBeLessThan(serverRules.length / 3)
  })
})

describe('the answers of two servers', () => {
  it('are the same when only the order of proofs is another, or a node is there twice', async () => {
    const shuffled: SnapHandler = (request) => {
      const answer = honest(request)
      if (!('proof' in answer)) return answer
      return { ...answer, proof: [...answer.proof.toReversed(), ...answer.proof.slice(0, 1)] }
    }
    expect(await sameAnswers(server(honest), server(shuffled), truth)).toEqual([])
  })

  it('differ where one breaks a rule, by the name of the rule', async () => {
    const silent = changed('ByteCodes', ({ codes }) => ({
      codes: codes.filter(({ length }) => length !== 100),
    }))
    const differences = await sameAnswers(server(honest), server(silent), truth)
    expect(differences.map(({ rule }) => rule)).toContain('codes: all, in the order asked for')
    expect(differences.every(({ rule }) => rule.startsWith('codes: '))).toBe(true)
    for (const { a, b } of differences) {
      expect([a, b]).toEqual([expect.stringMatching(/^0x05/), expect.stringMatching(/^0x05/)])
    }
  })
})

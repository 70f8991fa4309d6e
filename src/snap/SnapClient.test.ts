import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { virtualTimers } from '../../test/support/snap/virtualTimers.ts'
import { packLeaves } from '../leaves/packLeaves.ts'
import { PeerClosedError } from '../pipes/errors.ts'
import type { FramePipe } from '../pipes/FramePipe.ts'
import { memoryPipes } from '../pipes/memoryPipes.ts'
import { decodeMessage } from './decodeMessage.ts'
import { encodeMessage } from './encodeMessage.ts'
import { PeerProtocolError, RequestTimeoutError, SnapCodecError } from './errors.ts'
import { SnapClient } from './SnapClient.ts'
import { MAX_FRAME_BYTES, type SnapMessage, type SnapRequest } from './SnapMessage.ts'

const root = new Uint8Array(32).fill(1)
const origin = new Uint8Array(32)
const limit = new Uint8Array(32).fill(0xff)
const accountRange = { root, origin, limit, bytes: 5000 }
const NOBODY = packLeaves([])

/** Leaves with the given first bytes of keys; values are RLP lists of 40 bytes. */
function leaves(...firsts: number[]) {
  const value = new Uint8Array(40).fill(0x80)
  value[0] = 0xc0 + 39
  return packLeaves(firsts.map((first) => [new Uint8Array(32).fill(first), value]))
}

let timers: ReturnType<typeof virtualTimers>
let client: SnapClient
let peer: FramePipe
let requests: AsyncIterator<Uint8Array>

beforeEach(() => {
  timers = virtualTimers()
  const [near, far] = memoryPipes(['mallory', 'us'])
  client = new SnapClient(near, { timers })
  peer = far
  requests = far[Symbol.asyncIterator]()
})

/** The next request that the peer sees. */
async function next(): Promise<SnapRequest> {
  const { value } = await requests.next()
  return decodeMessage(value) as SnapRequest
}

function send(message: SnapMessage): void {
  peer.send(encodeMessage(message))
}

/** Waits for a rejection and hands it over. */
function failure(promise: Promise<unknown>): Promise<Error & { fault?: string }> {
  return promise.then(
    (value) => Promise.reject(new Error(`expected a failure, got ${JSON.stringify(value)}`)),
    (error) => error,
  )
}

/**
 * Asks, and lets the peer do its worst: the request must fail with this fault, and the pipe must be
 * closed.
 */
async function expectViolation(
  fault: string,
  question: () => Promise<unknown>,
  misbehave: (id: bigint) => void,
): Promise<Error> {
  const asked = [question(), client.getByteCodes({ hashes: [root], bytes: 1 })].map(failure)
  const { id } = await next()
  misbehave(id)
  const [error, other] = await Promise.all(asked)
  expect(error).toBeInstanceOf(PeerProtocolError)
  expect(error).toMatchObject({ code: 'PEER_PROTOCOL', peer: 'mallory', fault })
  expect(error!.message).toMatch(`peer mallory: ${fault}: `)
  expect(other).toBe(error)
  expect(await client.closed).toBe(error)
  expect(await failure(client.getAccountRange(accountRange))).toBe(error)
  await next()
  await expect(requests.next()).rejects.toThrow(fault)
  expect(timers.size).toBe(0)
  return error!
}

describe('SnapClient', () => {
  it('asks what it is told to and hands the answers over', async () => {
    const asked = client.getAccountRange(accountRange)
    const request = await next()
    expect(request).toEqual({ ...accountRange, kind: 'GetAccountRange', id: request.id })
    const answer = {
      kind: 'AccountRange',
      id: request.id,
      accounts: leaves(1, 2),
      proof: [root],
    } as const
    send(answer)
    expect(await asked).toEqual(answer)
    expect(timers.size).toBe(0)
  })

  it('numbers requests unpredictably: each of 63 bits is seen both ways in 256 ids', async () => {
    const ids: bigint[] = []
    for (let asked = 0; asked < 256; asked++) {
      failure(client.getByteCodes({ hashes: [root], bytes: 1 }))
      ids.push((await next()).id)
    }
    // A counter leaves its upper bits alone. Random ids fail here once in 2^248 runs.
    expect(ids.reduce((seen, id) => seen | id, 0n)).toBe(2n ** 63n - 1n)
    expect(ids.reduce((seen, id) => seen & id)).toBe(0n)
    client.close()
  })

  it('asks for all four kinds, and tells answers apart by their ids, in any order', async () => {
    const storage = { root, accounts: [root, limit], bytes: 1000 }
    const nodes = { root, paths: [[origin], [root, origin, limit]], bytes: 1000 }
    const answers = Promise.all([
      client.getAccountRange(accountRange),
      client.getStorageRanges(storage),
      client.getStorageRanges({ ...storage, origin, limit }),
      client.getByteCodes({ hashes: [root, limit], bytes: 1000 }),
      client.getTrieNodes(nodes),
    ])
    const seen = [await next(), await next(), await next(), await next(), await next()]
    expect(new Set(seen.map(({ id }) => id)).size).toBe(5)
    for (const { id } of seen) expect(id > 0n && id < 2n ** 63n).toBe(true)
    const none = new Uint8Array()
    expect(seen).toMatchObject([
      accountRange,
      { ...storage, origin: none, limit: none },
      { ...storage, origin, limit },
      { hashes: [root, limit] },
      nodes,
    ])
    const [a, b, c, d, e] = seen.map(({ id }) => id) as [bigint, bigint, bigint, bigint, bigint]
    const responses = [
      { kind: 'AccountRange', id: a, accounts: NOBODY, proof: [] },
      { kind: 'StorageRanges', id: b, slots: [NOBODY], proof: [root] },
      { kind: 'StorageRanges', id: c, slots: [], proof: [] },
      { kind: 'ByteCodes', id: d, codes: [root, none] },
      { kind: 'TrieNodes', id: e, nodes: [none, root, limit] },
    ] as const
    for (const response of [...responses].reverse()) send(response)
    expect(await answers).toEqual(responses)
  })

  it('accepts one account or slot, however few bytes were asked for', async () => {
    const asked = client.getAccountRange({ ...accountRange, bytes: 0 })
    const { id } = await next()
    send({ kind: 'AccountRange', id, accounts: leaves(1), proof: [] })
    expect((await asked).accounts.count).toBe(1)
  })

  it('rejects what cannot be encoded, and sends nothing', async () => {
    const bad = client.getAccountRange({ ...accountRange, root: root.subarray(1) })
    expect(await failure(bad)).toBeInstanceOf(SnapCodecError)
    expect(timers.size).toBe(0)
    const good = client.getByteCodes({ hashes: [], bytes: 1 })
    const { kind, id } = await next()
    expect(kind).toBe('GetByteCodes')
    send({ kind: 'ByteCodes', id, codes: [] })
    await good
  })

  it('times out, ignores the late answer, and goes on', async () => {
    const asked = failure(client.getAccountRange(accountRange))
    const { id } = await next()
    timers.advance(59_999)
    const second = client.getByteCodes({ hashes: [root], bytes: 10 })
    const other = await next()
    timers.advance(1)
    const error = await asked
    expect(error).toBeInstanceOf(RequestTimeoutError)
    expect(error.message).toBe('peer mallory did not answer GetAccountRange within 60000 ms')
    send({ kind: 'AccountRange', id, accounts: leaves(2, 1), proof: [] })
    await (error as RequestTimeoutError).answered
    send({ kind: 'ByteCodes', id: other.id, codes: [root] })
    expect((await second).codes).toEqual([root])
  })

  it('waits as long as a request says, and else as long as the client does', async () => {
    const nodes = { root, paths: [[origin]], bytes: 1000 }
    const storage = { root, accounts: [root], bytes: 1000 }
    const codes = { hashes: [root], bytes: 10 }
    const gone: string[] = []
    const asked = [
      client.getByteCodes(codes, { timeoutMs: 4_000 }),
      client.getAccountRange(accountRange, { timeoutMs: 1_000 }),
      client.getTrieNodes(nodes, { timeoutMs: 3_000 }),
      client.getStorageRanges(storage, { timeoutMs: 70_000 }),
      client.getByteCodes(codes),
    ].map(async (question) => gone.push((await failure(question)).message))
    const say = (kind: string, ms: number) => `peer mallory did not answer ${kind} within ${ms} ms`
    const expected = [
      [1_000, say('GetAccountRange', 1_000)],
      [3_000, say('GetTrieNodes', 3_000)],
      [4_000, say('GetByteCodes', 4_000)],
      [60_000, say('GetByteCodes', 60_000)],
      [70_000, say('GetStorageRanges', 70_000)],
    ] as const
    let passed = 0
    for (const [index, [ms]] of expected.entries()) {
      timers.advance(ms - 1 - passed)
      await new Promise((resolve) => setImmediate(resolve))
      expect(gone).toHaveLength(index)
      timers.advance(1)
      passed = ms
      await new Promise((resolve) => setImmediate(resolve))
      expect(gone.at(-1)).toBe(expected[index]![1])
    }
    await Promise.all(asked)
    expect(timers.size).toBe(0)
  })

  it('takes a late answer only once', async () => {
    const asked = failure(client.getAccountRange(accountRange))
    const { id } = await next()
    timers.advance(60_000)
    await asked
    const late = { kind: 'AccountRange', id, accounts: NOBODY, proof: [] } as const
    send(late)
    send(late)
    expect(await client.closed).toMatchObject({ fault: 'unknown request id' })
  })

  it('remembers 1,024 requests that were given up, and no more', async () => {
    const gone = Array.from({ length: 1025 }, () =>
      failure(client.getByteCodes({ hashes: [root], bytes: 1 })),
    )
    const first = await next()
    const second = await next()
    timers.advance(60_000)
    await Promise.all(gone)
    send({ kind: 'ByteCodes', id: second.id, codes: [] })
    send({ kind: 'ByteCodes', id: first.id, codes: [] })
    expect(await client.closed).toMatchObject({
      fault: 'unknown request id',
      message: expect.stringContaining(String(first.id)),
    })
  })

  it('gives a request up when its signal aborts, and ignores the answer', async () => {
    const controller = new AbortController()
    const asked = failure(client.getAccountRange(accountRange, { signal: controller.signal }))
    const { id } = await next()
    const reason = new Error('the pivot moved')
    controller.abort(reason)
    expect(await asked).toBe(reason)
    expect(timers.size).toBe(0)
    send({ kind: 'AccountRange', id, accounts: NOBODY, proof: [] })
    const again = client.getByteCodes({ hashes: [], bytes: 1 })
    send({ kind: 'ByteCodes', id: (await next()).id, codes: [] })
    await again
  })

  it('sends nothing for a signal that has aborted before', async () => {
    const signal = AbortSignal.abort(new Error('too late'))
    expect((await failure(client.getAccountRange(accountRange, { signal }))).message).toBe(
      'too late',
    )
    client.close()
    expect((await requests.next()).done).toBe(true)
  })

  it('rejects what is pending when the pipe ends', async () => {
    const asked = failure(client.getAccountRange(accountRange))
    await next()
    peer.close()
    expect(await asked).toBeInstanceOf(PeerClosedError)
    expect(await client.closed).toBeUndefined()
    expect(await failure(client.getAccountRange(accountRange))).toBe(await asked)
    expect(timers.size).toBe(0)
  })

  it('rejects what is pending when the pipe breaks, and tells why', async () => {
    const asked = failure(client.getAccountRange(accountRange))
    const cause = new Error('connection reset')
    peer.close(cause)
    const error = await asked
    expect(error).toMatchObject({
      name: 'PeerClosedError',
      code: 'PEER_CLOSED',
      peer: 'mallory',
      cause,
    })
    expect(error.message).toContain('connection reset')
    expect(await client.closed).toBe(cause)
  })

  it('rejects what is pending at once when it is closed here', async () => {
    const asked = failure(client.getAccountRange(accountRange))
    await next()
    client.close(new Error('bad proof'))
    client.close()
    expect((await asked).message).toContain('bad proof')
    expect(await client.closed).toBeUndefined()
    await expect(requests.next()).rejects.toThrow('bad proof')
  })
})

describe('a peer that', () => {
  const accounts = () => client.getAccountRange(accountRange)
  const storage = () => client.getStorageRanges({ root, accounts: [root, limit], bytes: 5000 })
  const codes = () => client.getByteCodes({ hashes: [root, limit], bytes: 5000 })
  const nodes = () =>
    client.getTrieNodes({ root, paths: [[origin], [root, origin, limit]], bytes: 5000 })

  it.each<[string, string, () => Promise<unknown>, (id: bigint) => void]>([
    ['sends an empty frame', 'malformed message', accounts, () => peer.send(new Uint8Array())],
    [
      'sends an unknown code',
      'malformed message',
      accounts,
      () => peer.send(Uint8Array.of(9, 0xc0)),
    ],
    ['sends no RLP', 'malformed message', accounts, () => peer.send(Uint8Array.of(1, 0xff, 2, 3))],
    [
      'cuts its answer off',
      'malformed message',
      accounts,
      (id) => {
        const frame = encodeMessage({ kind: 'AccountRange', id, accounts: leaves(1), proof: [] })
        peer.send(frame.subarray(0, -1))
      },
    ],
    [
      'sends fields of another kind',
      'malformed message',
      accounts,
      (id) => {
        const frame = encodeMessage({ kind: 'ByteCodes', id, codes: [root] })
        frame[0] = 1
        peer.send(frame)
      },
    ],
    [
      'sends the fields but no list',
      'malformed message',
      codes,
      (id) => {
        const frame = encodeMessage({ kind: 'ByteCodes', id, codes: [] })
        frame[frame.length - 1] = 0x80
        peer.send(frame)
      },
    ],
    [
      'sends 129 proof nodes',
      'malformed message',
      accounts,
      (id) =>
        send({ kind: 'AccountRange', id, accounts: NOBODY, proof: new Array(129).fill(root) }),
    ],
    [
      'sends a frame beyond the ceiling',
      'oversized frame',
      accounts,
      () => peer.send(new Uint8Array(MAX_FRAME_BYTES + 1)),
    ],
    [
      'sends a request',
      'unexpected message',
      accounts,
      (id) => send({ kind: 'GetByteCodes', id, hashes: [], bytes: 1 }),
    ],
    [
      'answers what was not asked',
      'unknown request id',
      accounts,
      (id) => send({ kind: 'AccountRange', id: id ^ 1n, accounts: NOBODY, proof: [] }),
    ],
    [
      'answers with another kind',
      'wrong kind of answer',
      accounts,
      (id) => send({ kind: 'TrieNodes', id, nodes: [] }),
    ],
    [
      'sends more than twice the bytes of accounts',
      'oversized answer',
      accounts,
      (id) => send({ kind: 'AccountRange', id, accounts: leaves(...Array(140).keys()), proof: [] }),
    ],
    [
      'sends more than twice the bytes of slots',
      'oversized answer',
      storage,
      (id) => send({ kind: 'StorageRanges', id, slots: [leaves(...Array(140).keys())], proof: [] }),
    ],
    [
      'sends a proof of more bytes than 128 nodes have',
      'oversized answer',
      accounts,
      (id) => {
        const proof = Array.from({ length: 130 }, () => new Uint8Array(1024))
        send({ kind: 'AccountRange', id, accounts: leaves(1), proof })
      },
    ],
    [
      'sends more lists than accounts',
      'oversized answer',
      storage,
      (id) => send({ kind: 'StorageRanges', id, slots: [NOBODY, NOBODY, NOBODY], proof: [] }),
    ],
    [
      'sends more codes than hashes',
      'oversized answer',
      codes,
      (id) => send({ kind: 'ByteCodes', id, codes: [root, root, root] }),
    ],
    [
      'sends more nodes than paths',
      'oversized answer',
      nodes,
      (id) => send({ kind: 'TrieNodes', id, nodes: [root, root, root, root] }),
    ],
    [
      'sends a million empty nodes',
      'oversized answer',
      nodes,
      (id) => send({ kind: 'TrieNodes', id, nodes: new Array(1_000_000).fill(new Uint8Array()) }),
    ],
    [
      'repeats an account',
      'unordered keys',
      accounts,
      (id) => send({ kind: 'AccountRange', id, accounts: leaves(1, 2, 2), proof: [] }),
    ],
    [
      'sends accounts in disorder',
      'unordered keys',
      accounts,
      (id) => send({ kind: 'AccountRange', id, accounts: leaves(1, 3, 2), proof: [] }),
    ],
    [
      'sends slots in disorder',
      'unordered keys',
      storage,
      (id) => send({ kind: 'StorageRanges', id, slots: [leaves(1), leaves(2, 1)], proof: [] }),
    ],
  ])('%s is dropped for: %s', (_, fault, question, misbehave) =>
    expectViolation(fault, question, misbehave).then(() => {}),
  )

  it('answers twice is dropped', async () => {
    const asked = client.getAccountRange(accountRange)
    const { id } = await next()
    const answer = { kind: 'AccountRange', id, accounts: NOBODY, proof: [] } as const
    send(answer)
    send(answer)
    expect(await asked).toEqual(answer)
    expect(await client.closed).toMatchObject({ fault: 'unknown request id' })
  })

  it('sends anything at all never does more than fail its requests', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1 }),
        async (frames) => {
          const [near, far] = memoryPipes()
          const victim = new SnapClient(near, { timers })
          const asked = failure(victim.getAccountRange(accountRange))
          for (const frame of frames) far.send(frame)
          far.close()
          expect(await asked).toMatchObject({ name: 'PeerProtocolError' })
          expect(await victim.closed).toMatchObject({ name: 'PeerProtocolError' })
        },
      ),
    )
  })
})

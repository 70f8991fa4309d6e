import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { answerFrame } from '../../../../test/support/snap/answerFrame.ts'
import { type VirtualTimers, virtualTimers } from '../../../../test/support/snap/virtualTimers.ts'
import { fromHex } from '../../../base/bytes/hex.ts'
import { memoryState } from '../../../served/memoryState.ts'
import { syntheticAccounts } from '../../../testing/syntheticAccounts.ts'
import { createVerifier } from '../../../verifier/createVerifier.ts'
import type { AccountsClaim, SlotsClaim } from '../../../verifier/Verifier.ts'
import { encodeMessage } from '../../encodeMessage.ts'
import type { AccountRange, StorageRanges } from '../../SnapMessage.ts'
import { stateHandler } from '../../server/stateHandler.ts'
import { verifyAccounts } from '../verifyAccounts.ts'
import { verifySlots } from '../verifySlots.ts'
import { serveVerifier } from './serveVerifier.ts'
import { VerifierPool } from './VerifierPool.ts'
import type { VerifierMessage, VerifierQuestion } from './verifierMessages.ts'

const { source, stateRoot } = memoryState(
  syntheticAccounts({ seed: 8, accounts: 500, contracts: 0.4, maxSlots: 300 }),
)
const root = fromHex(stateRoot, 'root', 32)
const handler = stateHandler(source)
const verifier = await createVerifier()
const FIRST = new Uint8Array(32)
const LAST = new Uint8Array(32).fill(0xff)
const CLAIM: AccountsClaim = { root, origin: FIRST, last: LAST }

async function accounts(claim = CLAIM, bytes = 20_000) {
  const { origin, last: limit } = claim
  const request = { kind: 'GetAccountRange', id: 7n, root, origin, limit, bytes } as const
  return answerFrame<AccountRange>(encodeMessage(await handler(request)))
}

async function slots({ contracts, chunk }: SlotsClaim, bytes = 20_000) {
  const accounts = contracts.map(({ accountHash }) => accountHash)
  const [origin, limit] = chunk ? [chunk.first, chunk.last] : [new Uint8Array(), new Uint8Array()]
  const request = {
    kind: 'GetStorageRanges',
    id: 7n,
    root,
    accounts,
    origin,
    limit,
    bytes,
  } as const
  return answerFrame<StorageRanges>(encodeMessage(await handler(request)))
}

const contracts = verifyAccounts(await accounts(), CLAIM, verifier)!.contracts.flatMap((it) => {
  return it.storageRoot ? [{ accountHash: it.accountHash, storageRoot: it.storageRoot }] : []
})

let timers: VirtualTimers
let pool: VerifierPool
let lost: string[]

beforeEach(() => {
  timers = virtualTimers()
  lost = []
  pool = new VerifierPool({
    timers,
    onLost: ({ code, message }) => lost.push(`${code}: ${message}`),
  })
})
afterEach(() => pool.close())

/** Adds a verifier; the test is at the other end. */
async function byHand(id: number) {
  const { port1, port2 } = new MessageChannel()
  const questions: VerifierQuestion[] = []
  const post = (message: VerifierMessage) => port2.postMessage(message)
  port2.addEventListener('message', ({ data }) => questions.push(data))
  port2.start()
  pool.add(id, port1)
  return {
    questions,
    post,
    port: port2,
    /** Answers one question after all, with leaves that tell which. */
    answer: (at: number, count: number) => {
      const leaves = { count, keySize: 64, offsets: new Uint32Array(1) }
      const slots = { ...leaves, keys: new Uint8Array(), values: new Uint8Array() }
      const verified = { slots, contracts: 1, lastCount: count, lastKey: undefined, more: false }
      post({ type: 'answer', id: questions[at]!.id, verified })
    },
  }
}

const SLOTS: SlotsClaim = { contracts: contracts.slice(0, 1), chunk: undefined }

/** Gives an answer away, which a verifier must take. */
async function give() {
  const answer = await slots(SLOTS)
  return vi.waitFor(() => {
    const proving = pool.slots(answer, SLOTS)
    if (proving === undefined) throw new Error('nobody takes it')
    return { proving }
  })
}

describe.each(['simd', 'plain', 'js'] as const)('verifiers in other threads (%s)', (build) => {
  beforeEach(async () => {
    for (const id of [2, 3]) {
      const { port1, port2 } = new MessageChannel()
      pool.add(id, port1)
      await serveVerifier(port2, build)
    }
    // Both have said that they have loaded.
    await vi.waitFor(async () => {
      const answer = await slots(SLOTS)
      const taken = Array.from({ length: 6 }, () => pool.slots(answer, SLOTS))
      await Promise.all(taken)
      expect(taken).not.toContain(undefined)
    })
  })

  it('prove accounts, as one in this thread does, and leave the answer as it is', async () => {
    const middle = new Uint8Array(32).fill(0x77)
    for (const claim of [CLAIM, { ...CLAIM, last: middle }, { ...CLAIM, origin: middle }]) {
      const answer = await accounts(claim)
      const before = answer.frame.slice()
      const verified = await pool.accounts(answer, claim)
      expect(answer.frame).toEqual(before)
      expect(verified).toBeDefined()
      expect(verified).toEqual(verifyAccounts(answer, claim, verifier))
    }
  })

  it('prove slots of many contracts, and a part of one', async () => {
    const most = new Map<SlotsClaim, number>()
    for (const contract of contracts) {
      const claim = { contracts: [contract], chunk: undefined }
      most.set(claim, verifySlots(await slots(claim), claim, verifier)!.lastCount)
    }
    const [large] = [...most].sort(([, a], [, b]) => b - a)[0]!
    const chunk = { first: new Uint8Array(32).fill(0x20), last: new Uint8Array(32).fill(0xa0) }
    for (const [claim, bytes] of [
      [{ contracts, chunk: undefined }, 2 ** 20],
      [{ contracts, chunk: undefined }, 3_000],
      [{ contracts: large.contracts, chunk }, 2 ** 20],
      [{ contracts: large.contracts, chunk }, 400],
    ] satisfies [SlotsClaim, number][]) {
      const answer = await slots(claim, bytes)
      const verified = await pool.slots(answer, claim)
      expect(verified).toBeDefined()
      expect(verified).toEqual(verifySlots(answer, claim, verifier))
    }
  })

  it('prove several answers at once', async () => {
    const origins = [0x00, 0x40, 0x80, 0xc0].map((byte) => new Uint8Array(32).fill(byte))
    const claims = origins.map((origin) => ({ ...CLAIM, origin }))
    const answers = await Promise.all(claims.map((claim) => accounts(claim, 5_000)))
    const verified = await Promise.all(
      answers.map((it, index) => pool.accounts(it, claims[index]!)),
    )
    for (const [index, answer] of answers.entries()) {
      expect(verified[index]).toEqual(verifyAccounts(answer, claims[index]!, verifier))
    }
  })

  it('prove nothing of an answer that is false, empty or malformed, and go on', async () => {
    const answer = await accounts()
    const { frame } = answer
    const empty = answerFrame<AccountRange>(
      encodeMessage({
        kind: 'AccountRange',
        id: 7n,
        accounts: answer.decode().accounts,
        proof: [],
      }),
    )
    const none = answerFrame<AccountRange>(Uint8Array.of(1, 0xc3, 7, 0xc0, 0xc0))
    const damaged = {
      ...answer,
      frame: frame.with(frame.length >> 1, frame[frame.length >> 1]! ^ 1),
    }
    const cut = { ...answer, frame: frame.subarray(0, 100) }
    for (const bad of [empty, none, damaged, cut]) {
      const proving = pool.accounts(bad, CLAIM)
      expect(proving).toBeInstanceOf(Promise)
      expect(await proving).toBeUndefined()
    }
    expect(await pool.accounts(answer, { ...CLAIM, root: FIRST })).toBeUndefined()
    expect(await pool.accounts(answer, CLAIM)).toEqual(verifyAccounts(answer, CLAIM, verifier))
    expect(lost).toEqual([])
  })
})

describe('a pool of verifiers', () => {
  it('gives nothing away while it has none, or none that has loaded', async () => {
    const answer = await slots(SLOTS)
    expect(pool.slots(answer, SLOTS)).toBeUndefined()
    const { post } = await byHand(2)
    expect(pool.slots(answer, SLOTS)).toBeUndefined()
    expect(pool.hasRoom).toBe(false)
    post({ type: 'ready', lock: undefined })
    await give()
  })

  it('gives three answers to each, and no more', async () => {
    const [one, two] = [await byHand(2), await byHand(3)]
    for (const { post } of [one, two]) post({ type: 'ready', lock: undefined })
    const answer = await slots(SLOTS)
    const given = [(await give()).proving, (await give()).proving]
    await vi.waitFor(() => expect(two.questions.length + one.questions.length).toBe(2))
    for (let more = 0; more < 4; more++) given.push((await give()).proving)
    expect(pool.slots(answer, SLOTS)).toBeUndefined()
    await vi.waitFor(() => expect([one, two].map((it) => it.questions.length)).toEqual([3, 3]))
    one.answer(0, 5)
    await Promise.race(given)
    expect(pool.hasRoom).toBe(true)
    expect(pool.slots(answer, SLOTS)).toBeDefined()
    expect(pool.slots(answer, SLOTS)).toBeUndefined()
  })

  it('gives each its own answer back, in whatever order they come', async () => {
    const one = await byHand(2)
    one.post({ type: 'ready', lock: undefined })
    const [first, second] = [await give(), await give()]
    await vi.waitFor(() => expect(one.questions).toHaveLength(2))
    one.answer(1, 22)
    expect((await second.proving)?.lastCount).toBe(22)
    one.answer(0, 11)
    expect((await first.proving)?.lastCount).toBe(11)
    expect(timers.size).toBe(0)
  })

  it.each([
    ['whose thread ends', 'its thread has ended', ({ port }) => port.close()],
    ['that says so', 'no memory', ({ post }) => post({ type: 'failed', reason: 'no memory' })],
    ['of which the page tells', 'killed', () => pool.lose(2, 'killed')],
    [
      'that is silent for long',
      'it has not answered for 20 s',
      () => {
        timers.advance(10_000)
        timers.advance(10_000)
      },
    ],
  ] satisfies [string, string, (it: Awaited<ReturnType<typeof byHand>>) => void][])(
    'gets back what is in the hands of one %s, and uses it no more',
    async (_, reason, end) => {
      const one = await byHand(2)
      one.post({ type: 'ready', lock: undefined })
      const given = [await give(), await give()]
      await vi.waitFor(() => expect(one.questions).toHaveLength(2))
      const two = await byHand(3)
      end(one)
      for (const { proving } of given) expect(await proving).toBeUndefined()
      expect(lost).toEqual([`VERIFIER_LOST: verifier 2 is not used any more: ${reason}`])
      one.post({ type: 'ready', lock: undefined })
      two.post({ type: 'ready', lock: undefined })
      const next = await give()
      await vi.waitFor(() => expect(two.questions).toHaveLength(1))
      two.answer(0, 33)
      expect((await next.proving)?.lastCount).toBe(33)
      pool.lose(2, 'told again')
      expect(lost).toHaveLength(1)
    },
  )

  it('waits for each answer anew, also after a machine has slept', async () => {
    const one = await byHand(2)
    one.post({ type: 'ready', lock: undefined })
    const [first] = [await give(), await give()]
    await vi.waitFor(() => expect(one.questions).toHaveLength(2))
    // All timers are due at once.
    timers.advance(3_600_000)
    one.answer(0, 1)
    expect((await first.proving)?.lastCount).toBe(1)
    timers.advance(19_000)
    expect(lost).toEqual([])
    timers.advance(10_000)
    expect(lost).toHaveLength(1)
  })

  it('loses one that meets what is no fault of an answer', async () => {
    const { port1, port2 } = new MessageChannel()
    await serveVerifier(port2)
    const said: VerifierMessage[] = []
    port1.addEventListener('message', ({ data }) => said.push(data))
    port1.start()
    port1.postMessage({ id: 1 })
    await vi.waitFor(() => {
      expect(said).toEqual([
        { type: 'ready', lock: undefined },
        { type: 'failed', reason: expect.stringContaining('TypeError') },
      ])
    })
    port1.close()
  })

  it('is closed without a word; what was in hands comes back', async () => {
    const one = await byHand(2)
    one.post({ type: 'ready', lock: undefined })
    const { proving } = await give()
    const ended = new Promise((resolve) => one.port.addEventListener('close', resolve))
    pool.close()
    expect(await proving).toBeUndefined()
    await ended
    expect(pool.slots(await slots(SLOTS), SLOTS)).toBeUndefined()
    expect(lost).toEqual([])
    expect(timers.size).toBe(0)
  })
})

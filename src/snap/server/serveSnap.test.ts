import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sampleState } from '../../../test/support/snap/sampleState.ts'
import { emptyCodeHash } from '../../account/emptyHashes.ts'
import type { FramePipe } from '../../pipes/FramePipe.ts'
import { memoryPipes } from '../../pipes/memoryPipes.ts'
import { decodeMessage } from '../decodeMessage.ts'
import { encodeMessage } from '../encodeMessage.ts'
import { SnapClient } from '../SnapClient.ts'
import { MAX_FRAME_BYTES, type SnapMessage, type SnapRequest } from '../SnapMessage.ts'
import { type ServeSnapOptions, type SnapHandler, serveSnap } from './serveSnap.ts'
import { stateHandler } from './stateHandler.ts'

const state = sampleState()
const handler = stateHandler(state.source)
const { root } = state
const origin = new Uint8Array(32)
const limit = new Uint8Array(32).fill(0xff)

/** A server with one peer, whose pipe is returned, and the faults that it reports. */
function serve(answer: SnapHandler = handler, options: ServeSnapOptions = {}) {
  const [peer, pipe] = memoryPipes(['server', 'mallory'])
  const faults: unknown[] = []
  const served = serveSnap(pipe, answer, { ...options, onFault: (error) => faults.push(error) })
  return { peer, pipe, served, faults }
}

function codeRequest(id: bigint): SnapRequest {
  return { kind: 'GetByteCodes', id, hashes: [emptyCodeHash()], bytes: 10 }
}

async function read(pipe: FramePipe): Promise<SnapMessage[]> {
  const messages: SnapMessage[] = []
  for await (const frame of pipe) messages.push(decodeMessage(frame))
  return messages
}

/** Lets everything run that needs no new event. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve))
}

describe('serveSnap', () => {
  it('serves a client everything that it asks for', async () => {
    const { peer, served, faults } = serve()
    const client = new SnapClient(peer)
    const accounts = [state.small.hash, state.embedding.hash]
    const [range, storage, codes, nodes] = await Promise.all([
      client.getAccountRange({ root, origin, limit, bytes: 100_000 }),
      client.getStorageRanges({ root, accounts, bytes: 100_000 }),
      client.getByteCodes({ hashes: [state.large.account.codeHash], bytes: 100_000 }),
      client.getTrieNodes({ root, paths: [[Uint8Array.of(0)]], bytes: 100_000 }),
    ])
    expect(range.accounts.count).toBe(64)
    expect(storage.slots.map(({ count }) => count)).toEqual([10, 2])
    expect(codes.codes).toEqual([state.codes[0]])
    expect(nodes.nodes).toEqual([state.accounts.node(new Uint8Array())])
    client.close()
    await served
    expect(faults).toEqual([])
  })

  it('never answers more than the client takes, whatever is asked for', async () => {
    const { peer } = serve()
    const client = new SnapClient(peer)
    const hash = fc.oneof(
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.constantFrom(root, ...state.sorted.map((account) => account.hash)),
    )
    const hashes = fc.array(hash, { maxLength: 5 })
    const bytes = fc.oneof(fc.nat(10), fc.nat(5000), fc.maxSafeNat())
    const path = fc.uint8Array({ maxLength: 34 })
    const paths = fc.array(fc.array(fc.oneof(path, hash), { minLength: 1, maxLength: 4 }))
    await fc.assert(
      fc.asyncProperty(
        hash,
        hash,
        hashes,
        paths,
        bytes,
        async (origin, limit, hashes, paths, bytes) => {
          await Promise.all([
            client.getAccountRange({ root, origin, limit, bytes }),
            client.getStorageRanges({ root, accounts: hashes, bytes }),
            client.getStorageRanges({ root, accounts: hashes, origin, limit, bytes }),
            client.getByteCodes({ hashes, bytes }),
            client.getTrieNodes({ root, paths, bytes }),
          ])
        },
      ),
      { numRuns: 300 },
    )
    client.close()
  })

  it('answers in the order in which the answers get ready', async () => {
    const open = new Map<bigint, () => void>()
    const { peer, served } = serve(async (request) => {
      await new Promise<void>((resolve) => open.set(request.id, resolve))
      return handler(request)
    })
    peer.send(encodeMessage(codeRequest(1n)))
    peer.send(encodeMessage(codeRequest(2n)))
    await settle()
    open.get(2n)!()
    await settle()
    open.get(1n)!()
    await settle()
    const answers = peer[Symbol.asyncIterator]()
    expect(decodeMessage((await answers.next()).value)).toMatchObject({ id: 2n })
    expect(decodeMessage((await answers.next()).value)).toMatchObject({ id: 1n })
    peer.close()
    await served
  })

  it('works on 16 requests at a time and leaves the others in the pipe', async () => {
    let running = 0
    let most = 0
    const waiting: (() => void)[] = []
    const { peer, served, faults } = serve(async (request) => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => waiting.push(resolve))
      running--
      return handler(request)
    })
    for (let id = 1n; id <= 100n; id++) peer.send(encodeMessage(codeRequest(id)))
    const answers = peer[Symbol.asyncIterator]()
    const ids: bigint[] = []
    while (ids.length < 100) {
      while (waiting.length === 0) await settle()
      waiting.shift()!()
      ids.push(decodeMessage((await answers.next()).value).id)
    }
    expect(most).toBe(16)
    expect(ids).toEqual(Array.from({ length: 100 }, (_, index) => BigInt(index + 1)))
    peer.close()
    await served
    expect(faults).toEqual([])
  })

  it('stops reading while a slow peer leaves answers in its queue', async () => {
    const [peer, pipe] = memoryPipes()
    let seen = 0
    const drains: (() => void)[] = []
    const slow: FramePipe = { ...pipe, drain: () => new Promise((resolve) => drains.push(resolve)) }
    const counting: SnapHandler = (request) => {
      seen++
      return handler(request)
    }
    const served = serveSnap(slow, counting, { concurrency: 2 })
    for (let id = 1n; id <= 4n; id++) peer.send(encodeMessage(codeRequest(id)))
    const seenAfterEach: number[] = []
    while (seenAfterEach.length < 4) {
      await settle()
      // On a busy machine the server pauses by a timer of its own.
      await settle()
      seenAfterEach.push(seen)
      drains.shift()!()
    }
    expect(seenAfterEach).toEqual([2, 3, 4, 4])
    peer.close()
    await served
  })

  it('is done only when no request is being worked on', async () => {
    let finish = () => {}
    const { peer, served } = serve(async (request) => {
      await new Promise<void>((resolve) => (finish = resolve))
      return handler(request)
    })
    let done = false
    void served.then(() => (done = true))
    peer.send(encodeMessage(codeRequest(1n)))
    await settle()
    peer.close()
    await settle()
    expect(done).toBe(false)
    finish()
    await served
  })

  it('leaves requests whose answers nobody waits for', async () => {
    let answered = 0
    const counting: SnapHandler = (request) => {
      answered++
      return handler(request)
    }
    const reserve = async (request: SnapRequest) => (request.id < 3n ? () => {} : undefined)
    const { peer, served, faults } = serve(counting, { reserve, concurrency: 1 })
    for (let id = 1n; id <= 20n; id++) peer.send(encodeMessage(codeRequest(id)))
    await settle()
    peer.close()
    await served
    expect([answered, faults]).toEqual([2, []])
  })

  it('finishes what it has begun when it is told to stop, and begins nothing', async () => {
    const stop = new AbortController()
    let finish = () => {}
    let begun = 0
    const { peer, served, faults } = serve(
      async (request) => {
        begun++
        await new Promise<void>((resolve) => (finish = resolve))
        return handler(request)
      },
      { concurrency: 1, signal: stop.signal },
    )
    for (let id = 1n; id <= 3n; id++) peer.send(encodeMessage(codeRequest(id)))
    await settle()
    stop.abort()
    await settle()
    finish()
    expect((await read(peer)).map(({ id }) => id)).toEqual([1n])
    await served
    expect([begun, faults]).toEqual([1, []])
  })

  it('lets others have their turn while a queue is full', async () => {
    let answered = 0
    const { peer, served } = serve((request) => {
      answered++
      // Longer than a slice, so each request yields to timers.
      const end = performance.now() + 11
      while (performance.now() < end);
      return handler(request)
    })
    for (let id = 1n; id <= 20n; id++) peer.send(encodeMessage(codeRequest(id)))
    await settle()
    await settle()
    expect(answered).toBeLessThan(20)
    peer.close()
    await served
  })
})

describe('a server whose peer', () => {
  const answer = encodeMessage({ kind: 'ByteCodes', id: 1n, codes: [] })
  const emptySet = encodeMessage({ kind: 'GetTrieNodes', id: 1n, root, paths: [[]], bytes: 1 })

  it.each<[string, Uint8Array, string]>([
    ['sends garbage', Uint8Array.of(0, 1, 2, 3), 'malformed message'],
    ['sends nothing', new Uint8Array(), 'malformed message'],
    ['sends an unknown code', Uint8Array.of(8, 0xc0), 'malformed message'],
    ['cuts a request off', encodeMessage(codeRequest(1n)).slice(0, -1), 'malformed message'],
    ['sends a frame beyond the ceiling', new Uint8Array(MAX_FRAME_BYTES + 1), 'oversized frame'],
    ['sends ten million bytes of nothing', new Uint8Array(MAX_FRAME_BYTES), 'malformed message'],
    ['sends an answer', answer, 'unexpected message'],
    ['asks with an empty path set', emptySet, 'bad request'],
  ])('%s closes the pipe and reports it', async (_, frame, fault) => {
    const { peer, served, faults } = serve()
    peer.send(frame)
    peer.send(encodeMessage(codeRequest(2n)))
    await served
    expect(faults).toEqual([
      expect.objectContaining({ name: 'PeerProtocolError', fault, peer: 'mallory' }),
    ])
    await expect(read(peer)).rejects.toThrow(fault)
  })

  it('goes away is done, without a fault', async () => {
    const { peer, served, faults } = serve()
    peer.send(encodeMessage(codeRequest(1n)))
    peer.close()
    await served
    expect(faults).toEqual([])
  })

  it('breaks the connection reports it', async () => {
    const { peer, served, faults } = serve()
    const reason = new Error('reset')
    peer.close(reason)
    await served
    expect(faults).toEqual([reason])
  })

  it('asks for what makes the handler fail is closed, with one report', async () => {
    const failure = new Error('disk on fire')
    const { peer, served, faults } = serve(() => Promise.reject(failure))
    for (let id = 1n; id <= 5n; id++) peer.send(encodeMessage(codeRequest(id)))
    await served
    expect(faults).toEqual([failure])
    await expect(read(peer)).rejects.toThrow('disk on fire')
  })

  it('floods it gets every answer, in bounded work', async () => {
    const { peer, served, faults } = serve()
    for (let id = 1n; id <= 5000n; id++) peer.send(encodeMessage(codeRequest(id)))
    let answers = 0
    for await (const frame of peer) {
      expect(decodeMessage(frame)).toMatchObject({ kind: 'ByteCodes', id: BigInt(++answers) })
      if (answers === 5000) peer.close()
    }
    await served
    expect(answers).toBe(5000)
    expect(faults).toEqual([])
  })

  it('sends anything at all is served or refused', async () => {
    const frames = fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1 })
    await fc.assert(
      fc.asyncProperty(frames, async (frames) => {
        const { peer, served, faults } = serve()
        for (const frame of frames) peer.send(frame)
        peer.close()
        await served
        expect(faults).toMatchObject([{ name: 'PeerProtocolError' }])
      }),
    )
  })
})

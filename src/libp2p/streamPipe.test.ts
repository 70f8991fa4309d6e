import type { Stream } from '@libp2p/interface'
import { streamPair } from '@libp2p/utils'
import fc from 'fast-check'
import { encode } from 'uint8-varint'
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest'
import type { FramePipe } from '../pipes/FramePipe.ts'
import { MAX_FRAME_BYTES } from '../snap/SnapMessage.ts'
import { FloodingPeerError, FrameTooLargeError, SlowPeerError } from './errors.ts'
import { type StreamPipeOptions, streamPipe } from './streamPipe.ts'
import { provideWithResolvers } from './withResolvers.ts'

beforeAll(provideWithResolvers)

const open: Stream[] = []
afterEach(() => {
  for (const stream of open.splice(0)) stream.abort(new Error('test is over'))
})

async function streams(): Promise<[Stream, Stream]> {
  const pair = await streamPair({ protocol: '/test' })
  open.push(...pair)
  return pair
}

function pipeOver(stream: Stream, options: Partial<StreamPipeOptions> = {}): FramePipe {
  return streamPipe(stream, { peer: 'peer', transport: 'memory', ...options })
}

async function take(pipe: FramePipe, count: number): Promise<Uint8Array[]> {
  const frames: Uint8Array[] = []
  if (count === 0) return frames
  for await (const frame of pipe) {
    frames.push(frame)
    if (frames.length === count) break
  }
  return frames
}

/** What reading the pipe to its end throws, or `undefined`. */
async function failure(pipe: FramePipe): Promise<unknown> {
  try {
    for await (const _ of pipe);
    return undefined
  } catch (error) {
    return error
  }
}

function closing(stream: Stream): Promise<void> {
  if (stream.status !== 'open') return Promise.resolve()
  return new Promise((resolve) => stream.addEventListener('close', () => resolve()))
}

function onWire(frames: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(frames.flatMap((frame) => [encode(frame.length), frame]))
}

/** As text, which is compared a thousand times faster than bytes. */
function onWireHex(frames: readonly Uint8Array[]): string {
  return Buffer.from(onWire(frames)).toString('hex')
}

const someFrames = fc.array(
  fc.oneof(
    fc.uint8Array({ minLength: 1, maxLength: 200 }),
    // Lengths whose varint has two and three bytes, and more than one message of any transport.
    fc.constantFrom(127, 128, 16_383, 16_384, 100_000).map((size) => new Uint8Array(size).fill(7)),
  ),
  { maxLength: 8 },
)

describe('streamPipe', () => {
  it('carries frames both ways, whole, in order, each in a buffer of its own', async () => {
    await fc.assert(
      fc.asyncProperty(someFrames, someFrames, async (there, back) => {
        const [a, b] = (await streams()).map((stream) => pipeOver(stream)) as [FramePipe, FramePipe]
        for (const frame of there) a.send(frame)
        for (const frame of back) b.send(frame)
        const arrived = await Promise.all([take(b, there.length), take(a, back.length)])
        expect(arrived.map(onWireHex)).toEqual([there, back].map(onWireHex))
        for (const frame of arrived.flat()) expect(frame.buffer.byteLength).toBe(frame.length)
      }),
      { numRuns: 30 },
    )
  })

  it('reads frames however the stream cuts them', async () => {
    await fc.assert(
      fc.asyncProperty(
        someFrames,
        fc.array(fc.nat(400), { maxLength: 20 }),
        async (frames, cuts) => {
          const [sender, receiver] = await streams()
          const pipe = pipeOver(receiver)
          const bytes = onWire(frames)
          let at = 0
          for (const size of [...cuts, bytes.length]) {
            if (at < bytes.length) sender.send(bytes.subarray(at, at + size))
            at += size
          }
          const arrived = await take(pipe, frames.length)
          expect(onWireHex(arrived)).toBe(Buffer.from(bytes).toString('hex'))
        },
      ),
      { numRuns: 30 },
    )
  })

  it('delivers what arrived before it was made, and the end that came with it', async () => {
    const [sender, receiver] = await streams()
    sender.send(onWire([Uint8Array.of(1, 2, 3)]))
    const closed = sender.close()
    await new Promise<void>((resolve) => {
      receiver.addEventListener('remoteCloseWrite', () => resolve())
    })
    const arrived: Uint8Array[] = []
    for await (const frame of pipeOver(receiver)) arrived.push(frame)
    expect(arrived).toEqual([Uint8Array.of(1, 2, 3)])
    await closed
  })

  it('ends on both sides when one closes', async () => {
    const [left, right] = await streams()
    const [a, b] = [pipeOver(left), pipeOver(right)]
    a.send(Uint8Array.of(1))
    a.close()
    a.close()
    a.send(Uint8Array.of(2))
    expect(await failure(a)).toBeUndefined()
    expect(await take(b, 2)).toEqual([Uint8Array.of(1)])
    await Promise.all([closing(left), closing(right)])
  })

  it('tells onClose once, and why', async () => {
    const [left, right] = await streams()
    const reasons: (Error | undefined)[] = []
    const a = pipeOver(left, { onClose: (reason) => reasons.push(reason) })
    const b = pipeOver(right, { onClose: (reason) => reasons.push(reason) })
    const reason = new Error('bad proof')
    a.close(reason)
    a.close()
    expect(await failure(a)).toBeUndefined()
    expect(await failure(b)).toMatchObject({ name: 'StreamResetError' })
    expect(reasons).toEqual([reason, expect.objectContaining({ name: 'StreamResetError' })])
  })

  it('throws when the stream breaks', async () => {
    const [left, right] = await streams()
    const pipe = pipeOver(right)
    left.abort(new Error('the network is gone'))
    expect(await failure(pipe)).toMatchObject({ name: 'StreamResetError' })
  })

  describe('a peer that sends too much', () => {
    it.each([
      ['a length above the ceiling', encode(1001)],
      ['a length of 2^49', encode(2 ** 49)],
      ['a length of 2^63', Uint8Array.of(128, 128, 128, 128, 128, 128, 128, 128, 128, 1)],
    ])('is refused: %s', async (_, bytes) => {
      const [sender, receiver] = await streams()
      const pipe = pipeOver(receiver, { maxFrameBytes: 1000 })
      sender.send(onWire([new Uint8Array(1000)]))
      sender.send(bytes)
      const error = await failure(pipe)
      expect(error).toBeInstanceOf(FrameTooLargeError)
      expect(error).toMatchObject({
        code: 'FRAME_TOO_LARGE',
        message: expect.stringMatching('1000'),
      })
      await closing(sender)
      expect(sender.status).toBe('reset')
    })

    it('is refused: a length that never ends', async () => {
      const [sender, receiver] = await streams()
      const pipe = pipeOver(receiver, { maxFrameBytes: 1000 })
      const read = failure(pipe)
      const chunk = new Uint8Array(64 * 1024).fill(0x80)
      while (sender.status === 'open') {
        sender.send(chunk)
        await new Promise((resolve) => setImmediate(resolve))
      }
      expect(await read).toBeInstanceOf(FrameTooLargeError)
    })

    it('is cut off when it begins a frame and does not go on', async () => {
      const [sender, receiver] = await streams()
      const pipe = pipeOver(receiver, { frameTimeoutMs: 20 })
      sender.send(onWire([new Uint8Array(100), new Uint8Array(200)]).subarray(0, 150))
      expect(await failure(pipe)).toMatchObject({
        code: 'HALF_OPEN_PEER',
        message: expect.stringContaining('49 bytes'),
      })
      await closing(sender)
    })

    it('may take its time between frames', async () => {
      vi.useFakeTimers()
      onTestFinished(() => void vi.useRealTimers())
      const [sender, receiver] = await streams()
      const pipe = pipeOver(receiver, { frameTimeoutMs: 20 })
      const whole = onWire([new Uint8Array(100)])
      const reading = take(pipe, 3)
      for (const [from, to] of [
        [0, 100],
        [0, 50],
        [50, 101],
        [0, 101],
      ] as const) {
        await vi.advanceTimersByTimeAsync(15)
        // The first is one byte short, which comes with the next.
        sender.send(
          to === 50
            ? Buffer.concat([whole.subarray(100), whole.subarray(0, 50)])
            : whole.subarray(from, to),
        )
      }
      await vi.advanceTimersByTimeAsync(1000)
      expect(await reading).toHaveLength(3)
      expect(sender.status).toBe('open')
    })

    it('is refused when nobody reads what it sends', async () => {
      const [sender, receiver] = await streams()
      const pipe = pipeOver(receiver, { maxUnreadBytes: 5000 })
      for (let count = 0; count < 6; count++) sender.send(onWire([new Uint8Array(1000)]))
      await closing(sender)
      expect(await failure(pipe)).toBeInstanceOf(FloodingPeerError)
    })

    it('is refused when nobody reads its many small frames, though they have few bytes', async () => {
      const [sender, receiver] = await streams()
      const pipe = pipeOver(receiver, { maxUnreadFrames: 64 })
      sender.send(onWire(Array.from({ length: 65 }, () => new Uint8Array(1))))
      await closing(sender)
      expect(await failure(pipe)).toBeInstanceOf(FloodingPeerError)
    })

    it('may send any amount to one who reads', async () => {
      const [sender, receiver] = await streams()
      const pipe = pipeOver(receiver, { maxUnreadBytes: 5000 })
      const reading = take(pipe, 50)
      for (let count = 0; count < 50; count++) {
        sender.send(onWire([new Uint8Array(1000)]))
        if (count % 5 === 4) await new Promise((resolve) => setTimeout(resolve, 2))
      }
      expect(await reading).toHaveLength(50)
    })
  })

  describe('a peer that takes nothing', () => {
    it('is cut off when more waits for it than may', async () => {
      const [full, other] = await streams()
      const pipe = pipeOver(full, { maxUnsentBytes: 2500 })
      full.writableNeedsDrain = true
      pipe.send(new Uint8Array(1000))
      pipe.send(new Uint8Array(1000))
      expect(full.status).toBe('open')
      pipe.send(new Uint8Array(1000))
      expect(await failure(pipe)).toBeInstanceOf(SlowPeerError)
      await closing(other)
    })

    it('is cut off when it stalls', async () => {
      const [full] = await streams()
      const pipe = pipeOver(full, { stallTimeoutMs: 1 })
      full.writableNeedsDrain = true
      pipe.send(new Uint8Array(1000))
      await pipe.drain?.()
      expect(await failure(pipe)).toBeInstanceOf(SlowPeerError)
    })

    it('holds drain until it takes again', async () => {
      const [full, other] = await streams()
      const [pipe, reader] = [pipeOver(full), pipeOver(other)]
      full.writableNeedsDrain = true
      pipe.send(Uint8Array.of(9))
      let drained = false
      const drain = pipe.drain?.().then(() => {
        drained = true
      })
      await new Promise((resolve) => setImmediate(resolve))
      expect(drained).toBe(false)
      full.dispatchEvent(new Event('drain'))
      await drain
      expect(await take(reader, 1)).toEqual([Uint8Array.of(9)])
      await pipe.drain?.()
    })

    it('does not hold drain when it is gone', async () => {
      const [full] = await streams()
      const pipe = pipeOver(full)
      full.writableNeedsDrain = true
      const drain = pipe.drain?.()
      pipe.close(new Error('enough'))
      await drain
      await pipe.drain?.()
    })
  })

  it('refuses to send a frame above the ceiling', async () => {
    const [left] = await streams()
    const pipe = pipeOver(left)
    expect(() => pipe.send(new Uint8Array(MAX_FRAME_BYTES + 1))).toThrow(FrameTooLargeError)
    expect(left.status).toBe('open')
  })
})

it('blames a peer that sends frames of no bytes, at the first of them', async () => {
  const [near, far] = await streams()
  const pipe = pipeOver(near)
  far.send(onWire([Uint8Array.of(1), ...Array(2_000).fill(new Uint8Array())]))
  const read: Uint8Array[] = []
  const outcome = (async () => {
    for await (const frame of pipe) read.push(frame)
  })()
  await expect(outcome).rejects.toMatchObject({
    code: 'PEER_PROTOCOL',
    message: expect.stringContaining('a frame of no bytes'),
  })
  expect(read.length).toBeLessThanOrEqual(1)
  await closing(near)
})

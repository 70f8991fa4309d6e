import type { MessageStream, StreamMuxer, StreamMuxerFactory } from '@libp2p/interface'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it } from 'vitest'
import { limitFrames } from './limitFrames.ts'

function frame(type: number, length: number, size = type === 0 ? length : 0): Uint8Array {
  const bytes = Buffer.alloc(12 + size, 0xff)
  bytes.writeUInt32BE(type << 16, 0)
  bytes.writeUInt32BE(1, 4)
  bytes.writeUInt32BE(length, 8)
  return bytes
}

/** The error that ends a connection when Yamux is given these chunks. */
function outcome(chunks: (Uint8Array | Uint8ArrayList)[]): string[] {
  const ends: string[] = []
  const stream = Object.assign(new EventTarget(), {
    abort: (error: Error) => ends.push(error.message),
    send: () => true,
  }) as unknown as MessageStream
  const muxer = {} as StreamMuxer
  const factory: StreamMuxerFactory = { protocol: '/x', createStreamMuxer: () => muxer }
  const limited = limitFrames(factory)
  expect([limited.protocol, limited.createStreamMuxer(stream)]).toEqual(['/x', muxer])
  for (const data of chunks) {
    ;(stream as unknown as EventTarget).dispatchEvent(Object.assign(new Event('message'), { data }))
  }
  return ends
}

describe('limitFrames', () => {
  it('reads what Yamux sends, however it is cut', () => {
    const frames = fc.array(
      fc.oneof(
        fc.integer({ min: 0, max: 300 }).map((length) => frame(0, length)),
        // Neither a window nor a ping has bytes behind its header, even if its length says so.
        fc.integer({ min: 1, max: 3 }).map((type) => frame(type, 0xffffffff)),
      ),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(frames, fc.array(fc.nat(50)), (frames, cuts) => {
        const bytes = Buffer.concat(frames)
        const chunks: (Uint8Array | Uint8ArrayList)[] = []
        let at = 0
        for (const cut of cuts) {
          const part = bytes.subarray(at, at + cut)
          chunks.push(cut % 2 ? part : new Uint8ArrayList(part.subarray(0, 3), part.subarray(3)))
          at += cut
        }
        chunks.push(bytes.subarray(at))
        expect(outcome(chunks)).toEqual([])
        expect(outcome([...chunks, frame(0, 262_145, 0)])).toEqual([
          'frames of a connection: one of 262145 bytes is announced',
        ])
      }),
    )
  })

  it('takes a frame that fills the window', () => {
    expect(outcome([frame(0, 262_144), frame(0, 262_145, 0)])).toHaveLength(1)
  })

  it('ends a connection that sends too many, once', () => {
    const many = Buffer.concat(Array.from({ length: 4000 }, () => frame(2, 0)))
    expect(outcome([many, many.subarray(0, 3900 * 12)])).toEqual([])
    expect(outcome([many, many, many, many])).toEqual([
      'frames of a connection: more than 2000 in a second',
    ])
  })

  it('lets Yamux write to a connection that has closed', () => {
    let thrown = new Error('of another kind')
    const stream = Object.assign(new EventTarget(), {
      send() {
        throw thrown
      },
    }) as unknown as MessageStream
    limitFrames({ protocol: '/x', createStreamMuxer: () => ({}) as StreamMuxer }).createStreamMuxer(
      stream,
    )
    expect(() => stream.send(new Uint8Array(1))).toThrow('of another kind')
    thrown = Object.assign(new Error('closed'), { name: 'StreamStateError' })
    expect(stream.send(new Uint8Array(1))).toBe(false)
  })
})

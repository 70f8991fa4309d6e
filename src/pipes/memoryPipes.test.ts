import { describe, expect, it } from 'vitest'
import { FalseAnswerError } from './errors.ts'
import type { FramePipe } from './FramePipe.ts'
import { joinPipes } from './joinPipes.ts'
import { memoryPipes } from './memoryPipes.ts'
import { portPipe } from './portPipe.ts'

function portPipes(): [FramePipe, FramePipe] {
  const { port1, port2 } = new MessageChannel()
  const about = { transport: 'port' }
  return [portPipe(port1, { ...about, peer: 'b' }), portPipe(port2, { ...about, peer: 'a' })]
}

/** Two memory pipes, forwarded over a pair of ports: `first ~ [near ~ far] ~ second`. */
function joinedPipes(): [FramePipe, FramePipe] {
  const [first, near] = memoryPipes()
  const [far, second] = memoryPipes()
  const [left, right] = portPipes()
  void joinPipes(near, left)
  void joinPipes(right, far)
  return [first, second]
}

async function read(pipe: FramePipe): Promise<number[][]> {
  const frames: number[][] = []
  for await (const frame of pipe) frames.push([...frame])
  return frames
}

describe.each([
  ['memoryPipes', memoryPipes],
  ['portPipe', portPipes],
  ['joinPipes', joinedPipes],
])('%s', (_, pipes) => {
  it('delivers frames in order, both ways, and ends after the last when the other side closes', async () => {
    const [a, b] = pipes()
    for (let index = 0; index < 100; index++) a.send(Uint8Array.of(index))
    b.send(Uint8Array.of(7))
    const first = await a[Symbol.asyncIterator]().next()
    expect(first.value).toEqual(Uint8Array.of(7))
    a.close()
    expect(await read(b)).toEqual(Array.from({ length: 100 }, (_, index) => [index]))
  })

  it('gives each frame its own buffer', async () => {
    const [a, b] = pipes()
    a.send(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))
    const { value } = await b[Symbol.asyncIterator]().next()
    expect([...value]).toEqual([2, 3])
    expect(value.buffer.byteLength).toBe(2)
    a.close()
    await read(b)
  })

  it('tells the other side why it was closed', async () => {
    const [a, b] = pipes()
    a.close(new Error('the peer lied'))
    await expect(read(b)).rejects.toThrow('the peer lied')
  })

  it('tells the other side which answer was false', async () => {
    const [a, b] = pipes()
    a.close(new FalseAnswerError(2n ** 63n, new Error('the peer lied')))
    const error = await read(b).catch((error) => error)
    expect(error).toBeInstanceOf(FalseAnswerError)
    expect(error.requestId).toBe(2n ** 63n)
    expect(error.message).toContain('the peer lied')
  })

  it('ends the reading of who closes, at once and without an error', async () => {
    const [a, b] = pipes()
    const reading = read(a)
    a.close(new Error('enough'))
    expect(await reading).toEqual([])
    await expect(read(b)).rejects.toThrow('enough')
  })

  it('ignores what is sent or closed after closing', async () => {
    const [a, b] = pipes()
    a.close()
    a.close(new Error('twice'))
    a.send(Uint8Array.of(1))
    expect(await read(b)).toEqual([])
    b.send(Uint8Array.of(1))
    b.close()
    expect(await read(a)).toEqual([])
  })
})

describe('memoryPipes', () => {
  it('forgets unread frames when the reader closes in the middle', async () => {
    const [a, b] = memoryPipes()
    for (let index = 0; index < 3; index++) a.send(Uint8Array.of(index))
    const seen: number[] = []
    for await (const frame of b) {
      seen.push(frame[0]!)
      b.close()
    }
    expect(seen).toEqual([0])
  })
})

describe('portPipe', () => {
  it('ends when the port is gone without a goodbye', async () => {
    const { port1, port2 } = new MessageChannel()
    const pipe = portPipe(port1, { peer: 'p', transport: 't' })
    port2.close()
    expect(await read(pipe)).toEqual([])
  })

  it('transfers a frame that fills its buffer', () => {
    const [a, b] = portPipes()
    const frame = Uint8Array.of(1, 2)
    a.send(frame)
    expect(frame.buffer.byteLength).toBe(0)
    a.close()
    b.close()
  })
})

describe('joinPipes', () => {
  it('waits for the queue of the slower side', async () => {
    const [a, near] = memoryPipes()
    const sent: number[] = []
    let open = () => {}
    const slow: FramePipe = {
      ...memoryPipes()[0],
      send: (frame) => sent.push(frame[0]!),
      drain: () => new Promise((resolve) => (open = resolve)),
    }
    void joinPipes(near, slow)
    a.send(Uint8Array.of(1))
    a.send(Uint8Array.of(2))
    await new Promise((resolve) => setTimeout(resolve))
    expect(sent).toEqual([1])
    open()
    await new Promise((resolve) => setTimeout(resolve))
    expect(sent).toEqual([1, 2])
    open()
    a.close()
  })

  it('closes both pipes when a frame cannot be passed on', async () => {
    const [a, near] = memoryPipes()
    const [far, b] = memoryPipes()
    const broken: FramePipe = {
      ...far,
      send: () => {
        throw new Error('no room')
      },
    }
    void joinPipes(near, broken)
    a.send(Uint8Array.of(1))
    await expect(read(a)).rejects.toThrow('no room')
    await expect(read(b)).rejects.toThrow('no room')
  })
})

import { describe, expect, it } from 'vitest'
import { joinPipes } from '../../src/pipes/joinPipes.ts'
import { memoryPipes } from '../../src/pipes/memoryPipes.ts'
import { portPipe } from '../../src/pipes/portPipe.ts'

/**
 * A worker that sends every frame back with its first byte raised, and closes on an empty frame.
 */
const ECHO = `
onmessage = ({ data: port }) => {
  port.onmessage = ({ data }) => {
    if (!(data instanceof ArrayBuffer)) return port.close()
    if (data.byteLength === 0) {
      port.postMessage({ reason: 'the worker has had enough' })
      return port.close()
    }
    new Uint8Array(data)[0]++
    port.postMessage(data, [data])
  }
}`

function echoPort(): { port: MessagePort; worker: Worker } {
  const url = URL.createObjectURL(new Blob([ECHO], { type: 'text/javascript' }))
  const worker = new Worker(url)
  const { port1, port2 } = new MessageChannel()
  worker.postMessage(port2, [port2])
  return { port: port1, worker }
}

describe('portPipe in a browser', () => {
  it('carries frames to a worker and back, and learns why it closed', async () => {
    const { port, worker } = echoPort()
    const pipe = portPipe(port, { peer: 'worker', transport: 'port' })
    for (let index = 0; index < 50; index++) pipe.send(new Uint8Array(1000).fill(index))
    pipe.send(new Uint8Array())
    let count = 0
    const reading = (async () => {
      for await (const frame of pipe) {
        expect(frame.length).toBe(1000)
        expect([frame[0], frame[1]]).toEqual([count + 1, count])
        count++
      }
    })()
    await expect(reading).rejects.toMatchObject({
      name: 'PeerClosedError',
      message: 'connection to worker closed: the worker has had enough',
    })
    expect(count).toBe(50)
    worker.terminate()
  })

  it('hands a megabyte over without copying it', () => {
    const { port, worker } = echoPort()
    const pipe = portPipe(port, { peer: 'worker', transport: 'port' })
    const frame = new Uint8Array(1024 * 1024)
    pipe.send(frame)
    expect(frame.buffer.byteLength).toBe(0)
    pipe.close()
    worker.terminate()
  })

  it('is joined to another pipe, as a page joins a connection to its worker', async () => {
    const { port, worker } = echoPort()
    const [near, far] = memoryPipes()
    const joined = joinPipes(far, portPipe(port, { peer: 'worker', transport: 'port' }))
    near.send(Uint8Array.of(7, 8))
    const { value } = await near[Symbol.asyncIterator]().next()
    expect([...value]).toEqual([8, 8])
    near.close()
    await joined
    worker.terminate()
  })

  it('delivers what was sent just before closing', async () => {
    const { port1, port2 } = new MessageChannel()
    const a = portPipe(port1, { peer: 'b', transport: 'port' })
    const b = portPipe(port2, { peer: 'a', transport: 'port' })
    for (let index = 0; index < 100; index++) a.send(Uint8Array.of(index))
    a.close()
    const seen: number[] = []
    for await (const frame of b) seen.push(frame[0]!)
    expect(seen).toEqual(Array.from({ length: 100 }, (_, index) => index))
  })
})

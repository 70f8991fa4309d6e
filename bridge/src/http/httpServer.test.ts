import type { Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { atMostEvery } from './atMostEvery.ts'
import { httpServer } from './httpServer.ts'

let server: Server
let port: number
let answered: number
const sockets: Socket[] = []

beforeEach(async () => {
  answered = 0
  server = await httpServer('127.0.0.1', 0, {
    local: new Set(['/secret']),
    answers: {
      '/slow': async () => {
        answered++
        await new Promise((resolve) => setImmediate(resolve))
        return { body: 'x'.repeat(100_000), type: 'text/plain' }
      },
      '/secret': () => ({ body: 'secret' }),
    },
    events: {},
  })
  port = (server.address() as AddressInfo).port
})

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

/** Opens a connection; what comes of it, and its end. */
async function open(): Promise<{ socket: Socket; ended: Promise<string> }> {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  let text = ''
  socket.on('data', (data) => {
    text += data
  })
  socket.on('error', () => {})
  const ended = new Promise<string>((resolve) => socket.once('close', () => resolve(text)))
  await new Promise((resolve) => socket.once('connect', resolve))
  return { socket, ended }
}

const GET = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nhost: x\r\n${more}\r\n`

describe('httpServer', () => {
  it('makes one answer at a time for a connection, and closes one that does not wait', async () => {
    const { socket, ended } = await open()
    socket.write(GET('/slow').repeat(5_000))
    await ended
    expect(answered).toBe(1)
  })

  it('answers one request after the other on one connection', async () => {
    const { socket, ended } = await open()
    for (let request = 0; request < 3; request++) {
      let size = 0
      const whole = new Promise<void>((resolve) => {
        socket.on('data', (data) => {
          size += data.length
          if (size > 100_000) resolve()
        })
      })
      socket.write(GET('/slow'))
      await whole
      socket.removeAllListeners('data')
    }
    socket.end()
    await ended
    expect(answered).toBe(3)
  })

  it('does not read the body of a request that it refuses', async () => {
    const { socket, ended } = await open()
    socket.write('POST /slow HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\nabc')
    expect(await ended).toContain('405')
  })

  it('closes the connection that is idle for longest when there is no room', async () => {
    const first = await open()
    const others = []
    for (let count = 0; count < 511; count++) others.push(await open())
    const { socket, ended } = await open()
    await first.ended
    socket.write(GET('/secret', 'connection: close\r\n'))
    expect(await ended).toContain('secret')
    expect(others.filter(({ socket }) => socket.closed)).toHaveLength(0)
  })
})

it('makes the same result for all calls of a while', async () => {
  let made = 0
  const read = atMostEvery(60_000, async () => ++made)
  expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1])
  const eager = atMostEvery(0, async () => ++made)
  await eager()
  expect(await eager()).toBe(3)
})

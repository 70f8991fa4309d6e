import { EventEmitter } from 'node:events'
import type { Server, Socket } from 'node:net'
import type { MultiaddrConnection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { AddressGroups } from '../AddressGroups.ts'
import { SocketGuard } from './SocketGuard.ts'

beforeEach(() => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
})

function setUp() {
  const server = new EventEmitter()
  const dropped: string[] = []
  const guard = new SocketGuard({
    limits: { maxConnections: 10, maxConnectionsPerIp: 2 },
    addresses: new AddressGroups(['10.0.0.0/8']),
    onDrop: (reason, host) => dropped.push(`${reason} ${host}`),
  })
  guard.watch(server as unknown as Server)
  let port = 1000
  /** A connection that comes from there; `state` tells what became of it. */
  function arrive(host: string) {
    const state = { open: true, reading: true }
    const socket = Object.assign(new EventEmitter(), {
      ...{ remoteAddress: host, remotePort: port++ },
      destroy() {
        if (!state.open) return
        state.open = false
        socket.emit('close')
      },
      pause: () => (state.reading = false),
      resume: () => (state.reading = true),
    })
    server.emit('connection', socket as unknown as Socket)
    const connection = Object.assign(new EventTarget(), {
      remoteAddr: multiaddr(`/ip4/${host}/tcp/${socket.remotePort}/ws`),
    })
    return {
      state,
      socket,
      connection,
      adopt: () => guard.adopt(connection as unknown as MultiaddrConnection),
    }
  }
  return { arrive, dropped }
}

describe('SocketGuard', () => {
  it('closes what is no connection of libp2p after ten seconds', () => {
    const { arrive, dropped } = setUp()
    const [silent, adopted] = [arrive('1.1.1.1'), arrive('1.1.1.2')]
    adopted.adopt()
    vi.advanceTimersByTime(9_999)
    expect(silent.state.open).toBe(true)
    vi.advanceTimersByTime(1)
    expect([silent.state.open, adopted.state.open]).toEqual([false, true])
    vi.advanceTimersByTime(1_000_000)
    expect(adopted.state.open).toBe(true)
    expect(dropped).toEqual(['half-open 1.1.1.1'])
  })

  it('closes it for good when libp2p has given it up', () => {
    const { arrive, dropped } = setUp()
    const one = arrive('1.1.1.1')
    one.adopt()
    one.connection.dispatchEvent(new Event('close'))
    vi.advanceTimersByTime(999)
    expect(one.state.open).toBe(true)
    vi.advanceTimersByTime(1)
    expect([one.state.open, dropped]).toEqual([false, []])
  })

  it('takes so many of one address, and others where some have gone', () => {
    const { arrive, dropped } = setUp()
    const arrived = Array.from({ length: 7 }, () => arrive('1.1.1.1'))
    expect(arrived.map(({ state }) => state.open)).toEqual([...Array(6).fill(true), false])
    expect([arrive('2.2.2.2').state.open, dropped]).toEqual([true, ['full 1.1.1.1']])
    arrived[0]!.socket.destroy()
    expect([arrive('1.1.1.1').state.open, arrive('1.1.1.1').state.open]).toEqual([true, false])
  })

  it('takes so many of all, though the address is shared', () => {
    const { arrive } = setUp()
    const arrived = Array.from({ length: 100 }, () => {
      const one = arrive('10.0.0.1')
      one.adopt()
      return one
    })
    expect(arrived.filter(({ state }) => state.open)).toHaveLength(74)
  })

  it('reads on when what was too much is made up for, for all of an address', () => {
    const { arrive } = setUp()
    const [one, same, other] = [arrive('1.1.1.1'), arrive('1.1.1.1'), arrive('2.2.2.2')]
    for (const { adopt } of [one, same, other]) adopt()
    one.socket.emit('data', { length: 5 * 2 ** 20 })
    same.socket.emit('data', { length: 1 })
    other.socket.emit('data', { length: 1 })
    const reading = () => [one, same, other].map(({ state }) => state.reading)
    expect(reading()).toEqual([false, false, true])
    // A MiB too much, at two in a second.
    vi.advanceTimersByTime(499)
    expect(reading()).toEqual([false, false, true])
    vi.advanceTimersByTime(10)
    expect(reading()).toEqual([true, true, true])
  })
})

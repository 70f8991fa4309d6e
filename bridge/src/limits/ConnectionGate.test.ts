import type { MultiaddrConnection, PeerId } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { AddressGroups } from './AddressGroups.ts'
import { ConnectionGate, type ConnectionGateOptions } from './ConnectionGate.ts'
import { TemporaryBans } from './TemporaryBans.ts'

type Ended = EventTarget & { end: (error?: Error) => void }

function from(host: string): MultiaddrConnection & Ended {
  const target = new EventTarget()
  return Object.assign(target, {
    remoteAddr: multiaddr(`/ip4/${host}/tcp/1/ws`),
    end: (error?: Error) => target.dispatchEvent(Object.assign(new Event('close'), { error })),
  }) as unknown as MultiaddrConnection & Ended
}

function setUp(options: Partial<ConnectionGateOptions> = {}) {
  const clock = { ms: 0 }
  const told: string[] = []
  const bans = new TemporaryBans({ now: () => clock.ms })
  const stop = new AbortController()
  const gate = new ConnectionGate({
    limits: { maxConnections: 4, maxConnectionsPerIp: 2 },
    addresses: new AddressGroups(['10.0.0.0/8']),
    bans,
    makeRoom: () => false,
    onClose: (_, { error, who }) => told.push(`${who} ended${error ? `: ${error.message}` : ''}`),
    onRefuse: (reason, { remoteAddr }) => told.push(`${reason} ${remoteAddr}`.slice(0, 20)),
    stopping: stop.signal,
    now: () => clock.ms,
    ...options,
  })
  const arrive = (host: string) => {
    const connection = from(host)
    return {
      ...connection,
      connection,
      in: !gate.denyInboundConnection(connection),
      end: connection.end,
    }
  }
  return { gate, bans, clock, told, arrive, stop }
}

describe('ConnectionGate', () => {
  it('lets in so many of an address, and another where one has gone', () => {
    const { arrive, told, clock } = setUp()
    const first = arrive('1.1.1.1')
    expect([first.in, arrive('1.1.1.1').in, arrive('1.1.1.1').in]).toEqual([true, true, false])
    expect(told).toEqual(['full /ip4/1.1.1.1/tc'])
    first.end()
    clock.ms = 1000
    expect(arrive('1.1.1.1').in).toBe(true)
  })

  it('lets in so many of all, unless one gives way', () => {
    let room: ReturnType<ReturnType<typeof setUp>['arrive']> | undefined
    const { arrive, told } = setUp({
      makeRoom() {
        room?.end()
        return room !== undefined
      },
    })
    const hosts = ['1.1.1.1', '10.0.0.1', '10.0.0.1', '10.0.0.1']
    const arrived = hosts.map(arrive)
    expect(arrived.map((one) => one.in)).toEqual([true, true, true, true])
    expect(arrive('2.2.2.2').in).toBe(false)
    expect(told).toEqual(['full /ip4/2.2.2.2/tc'])
    room = arrived[0]
    expect(arrive('3.3.3.3').in).toBe(true)
  })

  it('lets them in no faster than it can shake hands', () => {
    const { arrive, told, clock } = setUp({
      limits: { maxConnections: 100, maxConnectionsPerIp: 10 },
    })
    const many = (host: string, tries: number) => {
      let count = 0
      for (let index = 0; index < tries; index++) {
        const one = arrive(host)
        if (!one.in) continue
        count++
        one.end()
      }
      return count
    }
    expect(many('1.1.1.1', 50)).toBe(10)
    expect(told).toContain('too-fast /ip4/1.1.1.')
    clock.ms = 1000
    expect(many('1.1.1.1', 50)).toBe(1)
    // All that there may be at once, and ten in a second.
    expect(many('10.0.0.1', 500)).toBe(99)
    clock.ms = 2000
    expect(many('10.0.0.1', 500)).toBe(10)
  })

  it('lets in nobody who is banned, by address or by peer id', () => {
    const { gate, bans, arrive, told } = setUp()
    for (let fault = 0; fault < 3; fault++) bans.note('1.1.1.1')
    expect(arrive('1.1.1.1').in).toBe(false)
    expect(told).toEqual(['banned /ip4/1.1.1.1/'])
    const peer = { toString: () => '12D3' } as PeerId
    const shared = arrive('10.0.0.1')
    expect(gate.denyInboundEncryptedConnection(peer, shared.connection)).toBe(false)
    for (let fault = 0; fault < 3; fault++) bans.note(peer.toString())
    expect(gate.denyInboundEncryptedConnection(peer, arrive('10.0.0.1').connection)).toBe(true)
    shared.end(new Error('reset'))
    arrive('2.2.2.2').end()
    expect(told.slice(-2)).toEqual([`${peer} ended: reset`, '2.2.2.2 ended'])
  })

  it('lets in nobody when the bridge stops', () => {
    const { arrive, stop } = setUp()
    stop.abort()
    expect(arrive('1.1.1.1').in).toBe(false)
  })

  it('keeps apart those who come by the thousand', () => {
    const { arrive, clock } = setUp({ limits: { maxConnections: 4, maxConnectionsPerIp: 1 } })
    const stays = arrive('1.1.1.1')
    for (let count = 0; count < 3000; count++) {
      clock.ms += 1000
      arrive(`2.${count >> 8}.${count & 255}.1`).end()
    }
    expect([stays.in, arrive('1.1.1.1').in]).toEqual([true, false])
  })
})

import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { AddressGroups } from '../AddressGroups.ts'
import { limitHttpSockets } from './limitHttpSockets.ts'

function socket(remoteAddress: string | undefined): Socket {
  return Object.assign(new EventEmitter(), { remoteAddress }) as unknown as Socket
}

function places() {
  const limits = { deniedIps: ['198.51.100.0/24', '2001:db8:1::/48'], maxConnectionsPerIp: 2 }
  return limitHttpSockets(limits, new AddressGroups(['127.0.0.0/8']))
}

describe('limitHttpSockets', () => {
  it('admits as many of an address as may be, and another when one has closed', () => {
    const admits = places()
    const first = socket('203.0.113.1')
    expect([first, socket('::ffff:203.0.113.1'), socket('203.0.113.1')].map(admits)).toEqual([
      ...[true, true, false],
    ])
    expect(admits(socket('203.0.113.2'))).toBe(true)
    first.emit('close')
    expect([socket('203.0.113.1'), socket('203.0.113.1')].map(admits)).toEqual([true, false])
  })

  it('takes a network of 64 bits for one address', () => {
    const hosts = ['2001:db8::1', '2001:db8::2', '2001:db8::ffff:3', '2001:db8:0:1::1']
    expect(hosts.map(socket).map(places())).toEqual([true, true, false, true])
  })

  it('admits any number of an address that many share', () => {
    const admits = places()
    for (let count = 0; count < 10; count++) expect(admits(socket('127.0.0.1'))).toBe(true)
  })

  it('admits none that is denied, and none that is gone already', () => {
    const hosts = ['198.51.100.7', '::ffff:198.51.100.7', '2001:db8:1::5', undefined]
    expect(hosts.map(socket).map(places())).toEqual([false, false, false, false])
  })
})

import { multiaddr } from '@multiformats/multiaddr'
import { describe, expect, it } from 'vitest'
import { AddressGroups } from './AddressGroups.ts'

describe('AddressGroups', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['::ffff:203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8::2:3:4:5:6', '2001:db8:0:2::/64'],
    ['2001::1:2:3:4:5:6', '2001:0:1:2::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['bridge.example', undefined],
    [undefined, undefined],
  ])('puts %s into %s', (host, group) => {
    expect(new AddressGroups([]).groupOfHost(host)).toBe(group)
  })

  it.each(['127.0.0.1', '127.9.9.9', '::ffff:127.0.0.1', '::1', '172.17.0.1'])(
    'does not tell apart who comes from %s, which is shared',
    (host) => {
      const groups = new AddressGroups(['127.0.0.0/8', '::1/128', '172.17.0.1'])
      expect(groups.groupOfHost(host)).toBeUndefined()
      expect(groups.groupOfHost('172.17.0.2')).toBe('172.17.0.2')
      expect(groups.groupOfHost('::2')).toBe('0:0:0:0::/64')
    },
  )

  it('reads the addresses of connections', () => {
    const groups = new AddressGroups([])
    expect(groups.groupOf(multiaddr('/ip4/203.0.113.7/tcp/4040/ws'))).toBe('203.0.113.7')
    expect(groups.groupOf(multiaddr('/ip6/2001:db8::1/udp/1/webrtc-direct'))).toBe(
      '2001:db8:0:0::/64',
    )
    expect(groups.groupOf(multiaddr('/dns4/bridge.example/tcp/1/ws'))).toBeUndefined()
  })
})

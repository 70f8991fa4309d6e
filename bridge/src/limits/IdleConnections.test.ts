import type { Connection } from '@libp2p/interface'
import { HEAD_PROTOCOL, SNAP_PROTOCOL } from 'cambium/server'
import { describe, expect, it } from 'vitest'
import { IdleConnections } from './IdleConnections.ts'

function setUp() {
  const clock = { ms: 0 }
  const idle = new IdleConnections({ now: () => clock.ms })
  const ended: string[] = []
  /** A connection with streams of these protocols. */
  function open(name: string, protocols: (string | undefined)[] = [SNAP_PROTOCOL]): Connection {
    const target = new EventTarget()
    const connection = Object.assign(target, {
      remotePeer: name,
      streams: protocols.map((protocol) => ({ protocol })),
      abort(error: Error & { code: string }) {
        ended.push(`${name} ${error.code}`)
        target.dispatchEvent(new Event('close'))
      },
    }) as unknown as Connection
    idle.add(connection)
    return connection
  }
  const look = (ms: number) => {
    clock.ms = ms
    idle.look()
    return ended.splice(0)
  }
  return { clock, idle, open, look, ended }
}

describe('IdleConnections', () => {
  it('closes a connection that opens no stream of snap/1 or heads', () => {
    const { open, look } = setUp()
    open('used')
    open('listener', [HEAD_PROTOCOL])
    open('pings only', ['/ipfs/ping/1.0.0', undefined])
    const left = open('had one')
    expect(look(29_999)).toEqual([])
    left.streams.length = 0
    expect(look(30_000)).toEqual(['pings only HALF_OPEN_PEER'])
    expect(look(59_998)).toEqual([])
    expect(look(59_999)).toEqual(['had one HALF_OPEN_PEER'])
    expect(look(10_000_000)).toEqual([])
  })

  it('closes a connection with too many streams', () => {
    const { open, look } = setUp()
    open(
      'sixteen',
      Array.from({ length: 16 }, () => SNAP_PROTOCOL),
    )
    open(
      'seventeen',
      Array.from({ length: 17 }, () => SNAP_PROTOCOL),
    )
    expect(look(1)).toEqual(['seventeen HALF_OPEN_PEER'])
  })

  it('makes room of who has asked for nothing for longest', () => {
    const { clock, idle, open, ended } = setUp()
    open('first')
    const active = open('active')
    clock.ms = 10_000
    open('second')
    clock.ms = 59_999
    idle.touch(active)
    expect(idle.makeRoom()).toBe(false)
    clock.ms = 60_000
    expect([idle.makeRoom(), idle.makeRoom()]).toEqual([true, false])
    clock.ms = 70_000
    expect([idle.makeRoom(), idle.makeRoom()]).toEqual([true, false])
    expect(ended).toEqual(['first IDLE_PEER', 'second IDLE_PEER'])
  })

  it('closes those that it is told to', () => {
    const { idle, open, ended } = setUp()
    const one = open('one')
    open('two')
    idle.drop(Object.assign(new Error(), { code: 'X' }), (other) => other === one)
    expect(ended).toEqual(['one X'])
    idle.touch(one)
  })
})

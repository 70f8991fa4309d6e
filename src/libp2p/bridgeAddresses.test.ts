import { describe, expect, it } from 'vitest'
import { bridgeAddresses } from './bridgeAddresses.ts'
import { MultiaddrError } from './errors.ts'

const A = '12D3KooWAg39Cwp8ZTKufmqgMKdH5y6dn3QuKjdVDoZyMX8LT7Zq'
const B = '12D3KooWEY1RxrXq2uUMjM7XUkt7jkVAQM8PcHjqHxoWZQvq8oKj'
const HASH = 'uEiDPUb9-AqM8ARwyO2jzbK88qxn4ECWg3olX0bg1EGebdQ'
const webrtc = (peer: string) =>
  `/ip4/127.0.0.1/udp/4040/webrtc-direct/certhash/${HASH}/p2p/${peer}`
const ws = (peer: string) => `/ip4/127.0.0.1/tcp/4040/ws/p2p/${peer}`
const wss = (peer: string) => `/dns4/bridge.example/tcp/443/wss/p2p/${peer}`

function listed(bridges: string[], transports: ('webrtc' | 'websocket')[]) {
  return [...bridgeAddresses(bridges, transports)].map(([peer, addresses]) => [
    peer,
    addresses.map(({ transport, multiaddr }) => [transport, multiaddr.toString()]),
  ])
}

describe('bridgeAddresses', () => {
  it('gathers the addresses of one peer, in the order of the transports', () => {
    expect(listed([ws(A), ws(B), wss(A), webrtc(A)], ['webrtc', 'websocket'])).toEqual([
      [
        A,
        [
          ['webrtc', webrtc(A)],
          ['websocket', ws(A)],
          ['websocket', wss(A)],
        ],
      ],
      [B, [['websocket', ws(B)]]],
    ])
  })

  it('leaves out what the transports do not reach', () => {
    expect(listed([ws(B), webrtc(A)], ['webrtc'])).toEqual([[A, [['webrtc', webrtc(A)]]]])
  })

  it.each([
    ['nonsense', 'not a multiaddr'],
    ['', 'neither'],
    ['/ip4/999.0.0.1/tcp/1/ws', 'not a multiaddr'],
    [`/ip4/127.0.0.1/tcp/70000/ws/p2p/${A}`, 'not a multiaddr'],
    [undefined, 'not a multiaddr'],
    [`/ip4/127.0.0.1/tcp/4040/p2p/${A}`, 'neither WebRTC-direct nor WebSocket'],
    [`/ip4/127.0.0.1/udp/4040/quic-v1/p2p/${A}`, 'neither WebRTC-direct nor WebSocket'],
    [`/ip4/127.0.0.1/udp/4040/webrtc-direct/p2p/${A}`, 'certhash'],
    ['/ip4/127.0.0.1/tcp/4040/ws', 'peer id'],
  ])('refuses %j', (text, why) => {
    const parse = () => bridgeAddresses([ws(A), text as string], ['webrtc', 'websocket'])
    expect(parse).toThrow(MultiaddrError)
    expect(parse).toThrow(why)
    expect(parse).toThrow(text === undefined ? 'undefined' : `"${text}"`)
  })

  it('refuses to have nothing to dial', () => {
    expect(() => bridgeAddresses([], ['webrtc'])).toThrow(MultiaddrError)
    expect(() => bridgeAddresses([ws(A)], ['webrtc'])).toThrow('none is reached by webrtc')
  })
})

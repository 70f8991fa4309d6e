import { RLP } from '@ethereumjs/rlp'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { arbitraryMessage } from '../../test/support/snap/arbitraryMessage.ts'
import { decodeMessage, decodeMessageHead } from './decodeMessage.ts'
import { encodeMessage } from './encodeMessage.ts'
import { SnapCodecError } from './errors.ts'
import { SNAP_KINDS, type SnapKind } from './SnapMessage.ts'

type Item = Uint8Array | bigint | number | string | Item[]

const hash = new Uint8Array(32).fill(7)

function frame(kind: SnapKind, ...fields: Item[]): Uint8Array {
  return Uint8Array.of(SNAP_KINDS.indexOf(kind), ...RLP.encode(fields))
}

/** A frame whose body is given in hexadecimal, as no encoder would write it. */
function raw(kind: SnapKind, body: string): Uint8Array {
  return Uint8Array.of(SNAP_KINDS.indexOf(kind), ...Buffer.from(body, 'hex'))
}

describe('encodeMessage', () => {
  it('writes what another RLP encoder writes', () => {
    fc.assert(
      fc.property(arbitraryMessage, ({ message, frame }) => {
        expect(encodeMessage(message)).toEqual(frame)
      }),
    )
  })

  it('refuses what snap/1 cannot express', () => {
    const request = { kind: 'GetByteCodes', id: 1n, hashes: [hash], bytes: 1 } as const
    expect(() => encodeMessage({ ...request, id: 2n ** 64n })).toThrow(
      /id must be .* 18446744073709551616/,
    )
    expect(() => encodeMessage({ ...request, id: -1n })).toThrow(SnapCodecError)
    expect(() => encodeMessage({ ...request, bytes: 1.5 })).toThrow(/bytes must be .* 1\.5/)
    expect(() => encodeMessage({ ...request, hashes: [hash.subarray(1)] })).toThrow(
      'code hash must have 32 bytes, got 31',
    )
  })
})

describe('decodeMessage', () => {
  it('reads what another RLP encoder wrote', () => {
    fc.assert(
      fc.property(arbitraryMessage, ({ message, frame }) => {
        expect(decodeMessage(frame)).toEqual(message)
        expect(decodeMessageHead(frame)).toMatchObject({ kind: message.kind, id: message.id })
      }),
    )
  })

  it('reads a byte count beyond 2^53 as 2^53 - 1', () => {
    const message = decodeMessage(frame('GetByteCodes', 1n, [], 2n ** 64n - 1n))
    expect(message).toMatchObject({ bytes: Number.MAX_SAFE_INTEGER })
  })

  it.each([
    ['an empty frame', new Uint8Array(), 'the frame is empty'],
    ['a code of snap/2', Uint8Array.of(8, 0xc0), 'unknown message code 8'],
    ['no body', raw('ByteCodes', ''), 'missing'],
    ['a string as body', raw('ByteCodes', '83010203'), 'message .* must be a list'],
    ['a list as id', raw('ByteCodes', 'c2c0c0'), 'id .* must be a string'],
    [
      'an id of 65 bits',
      frame('ByteCodes', 2n ** 64n, []),
      'id must have at most 64 bits, got 9 bytes',
    ],
    ['an id with a leading zero', raw('ByteCodes', 'c482000ac0'), 'id must not begin with a zero'],
    ['an id of one zero byte', raw('ByteCodes', 'c200c0'), 'id must not begin with a zero'],
    ['a byte with a needless header', raw('ByteCodes', 'c38101c0'), 'must stand without a header'],
    ['a long header for a short list', raw('ByteCodes', 'f80201c0'), 'not the shortest'],
    [
      'a length with a leading zero',
      raw('ByteCodes', `f9003801b7${'00'.repeat(55)}`),
      'not the shortest',
    ],
    ['a header that is cut off', raw('ByteCodes', 'ff01'), 'cut off'],
    ['a length of 2^64 - 1', raw('ByteCodes', `ff${'ff'.repeat(8)}`), 'announced'],
    ['bytes after the body', raw('ByteCodes', 'c201c000'), 'frame has 1 bytes after'],
    ['a field too many', frame('ByteCodes', 1, [], 'x'), 'message has 1 bytes after'],
    ['a field too few', frame('AccountRange', 1, []), 'missing'],
    [
      'a short root',
      frame('GetTrieNodes', 1, hash.subarray(1), [], 1),
      'root .* must have 32 bytes, got 31',
    ],
    [
      'a long code hash',
      frame('GetByteCodes', 1, [new Uint8Array(33)], 1),
      'code hash .* 32 bytes, got 33',
    ],
    [
      'a short slot origin',
      frame('GetStorageRanges', 1, hash, [hash], 'x', '', 1),
      'origin must have 32 bytes or none',
    ],
    [
      'an account without body',
      frame('AccountRange', 1, [[hash], [hash, ['xxxxxxxxx']]], []),
      'account 0: a list must follow',
    ],
    [
      'an account with an extra item',
      frame('AccountRange', 1, [[hash, [], []]], []),
      'account 0: a list must follow',
    ],
    [
      'an account body in a string',
      frame('AccountRange', 1, [[hash, 'body']], []),
      'account 0: a list must follow',
    ],
    [
      'an account that is a string',
      frame('AccountRange', 1, ['x'.repeat(40)], []),
      'account 0 must be a list',
    ],
    [
      'an account hash of 31 bytes',
      frame('AccountRange', 1, [[hash.subarray(1), [1]]], []),
      'account 0: hash must be',
    ],
    [
      'a slot value that is a list',
      frame('StorageRanges', 1, [[[hash, ['x']]]], []),
      'slot 0: a string must follow',
    ],
    ['a list as code', frame('ByteCodes', 1, [[]]), 'code .* must be a string'],
    [
      'a string as path set',
      frame('GetTrieNodes', 1, hash, ['x'], 1),
      'path set .* must be a list',
    ],
    [
      '129 proof nodes',
      frame('AccountRange', 1, [], new Array(129).fill('x')),
      'proof: more than 128 items',
    ],
    [
      'a proof node above every node of state',
      frame('AccountRange', 1, [], [new Uint8Array(532), new Uint8Array(1025)]),
      'proof node must have at most 1024 bytes, got 1025',
    ],
    [
      'such a node in the proof of slots',
      frame('StorageRanges', 1, [], [new Uint8Array(1025)]),
      'proof node must have at most 1024 bytes, got 1025',
    ],
    [
      '16,385 nodes',
      frame('TrieNodes', 1, new Array(16_385).fill('x')),
      'nodes: more than 16384 items',
    ],
    [
      '16,385 paths in two sets',
      frame('GetTrieNodes', 1, hash, [new Array(8192).fill('x'), new Array(8193).fill('x')], 1),
      'path set: more than 8192 items',
    ],
    [
      'fifty thousand empty pairs',
      frame('AccountRange', 1, new Array(50_000).fill([]), []),
      '50000 pairs .* cannot lie in 50000 bytes',
    ],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => decodeMessage(bytes)).toThrow(SnapCodecError)
    expect(() => decodeMessage(bytes)).toThrow(new RegExp(message))
  })

  it('refuses or reads, and never does anything else, when bytes are changed, cut or added', () => {
    const damage = fc.tuple(arbitraryMessage, fc.nat(), fc.integer({ min: 0, max: 255 }), fc.nat(2))
    fc.assert(
      fc.property(damage, ([{ frame }, seed, byte, how]) => {
        const at = seed % frame.length
        const damaged =
          how === 0
            ? frame.map((old, index) => (index === at ? byte : old))
            : how === 1
              ? frame.slice(0, at)
              : Uint8Array.of(...frame.subarray(0, at), byte, ...frame.subarray(at))
        try {
          const message = decodeMessage(damaged)
          if ('bytes' in message && message.bytes === Number.MAX_SAFE_INTEGER) return
          // What is read is canonical: it encodes to the same bytes again.
          expect(encodeMessage(message)).toEqual(damaged)
        } catch (error) {
          if (!(error instanceof SnapCodecError)) throw error
        }
      }),
      { numRuns: 2000 },
    )
  })
})

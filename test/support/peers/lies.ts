import {
  decodeSlimAccount,
  encodeAccount,
  encodeSlimAccount,
} from '../../../src/account/accountCodec.ts'
import { bigIntToHash, hashToBigInt, nextHash } from '../../../src/base/bytes/hash32.ts'
import type { Leaves } from '../../../src/leaves/Leaves.ts'
import { leafKey, leafValue } from '../../../src/leaves/Leaves.ts'
import { packLeaves } from '../../../src/leaves/packLeaves.ts'
import { encodeMessage } from '../../../src/snap/encodeMessage.ts'
import type { SnapHandler } from '../../../src/snap/server/serveSnap.ts'
import { stateHandler } from '../../../src/snap/server/stateHandler.ts'
import { syntheticAccounts } from '../../../src/testing/syntheticAccounts.ts'
import { StateTruth } from '../sync/StateTruth.ts'
import { altered } from './handlers.ts'

/** A way to deceive, and what it must be found out as. */
export interface Lie {
  name: string
  /** The fault's code, and words of its message. */
  code: string
  words: string
  /** Makes a liar of an honest peer. `send` puts any bytes on the wire. */
  liar: (honest: SnapHandler, send: (frame: Uint8Array) => void) => SnapHandler
}

type Entry = readonly [key: Uint8Array, value: Uint8Array]

/** The same leaves after `change` of the list of them. */
function edited(leaves: Leaves, change: (entries: Entry[]) => Entry[]): Leaves {
  const entries = Array.from({ length: leaves.count }, (_, index): Entry => {
    return [leafKey(leaves, index), leafValue(leaves, index)]
  })
  return packLeaves(change(entries))
}

const withoutMiddle = (entries: Entry[]) => {
  return entries.length < 3 ? entries : entries.toSpliced(entries.length >> 1, 1)
}

/** Changes the value in the middle. */
function revalued(leaves: Leaves, change: (value: Uint8Array) => Uint8Array): Leaves {
  return edited(leaves, (entries) => {
    const middle = entries.length >> 1
    return entries.map(([key, value], index) => [key, index === middle ? change(value) : value])
  })
}

const shortened = (nodes: readonly Uint8Array[]) => nodes.map((node) => node.slice(0, -1))
const flipped = (bytes: Uint8Array) => bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte))

const foreign = new StateTruth(
  syntheticAccounts({ seed: 99, accounts: 300, contracts: 0.3, maxSlots: 40 }),
)
/** Gives true answers about another state. */
const elsewhere: SnapHandler = (request) => {
  const handler = stateHandler(foreign.state.source)
  return handler('root' in request ? { ...request, root: foreign.root } : request)
}

const proofLie = (
  name: string,
  words: string,
  liar: (honest: SnapHandler, send: (frame: Uint8Array) => void) => SnapHandler,
): Lie => ({ name, code: 'RANGE_PROOF', words, liar })

const protocolLie = (name: string, words: string, liar: Lie['liar']): Lie => {
  return { name, code: 'PEER_PROTOCOL', words, liar }
}

const ACCOUNT_LIES: Lie[] = [
  proofLie('accounts without proof', '', (honest) =>
    altered(honest, 'GetAccountRange', (answer) => ({ ...answer, proof: [] })),
  ),
  proofLie('accounts with one missing in the middle', 'invalid proof', (honest) =>
    altered(honest, 'GetAccountRange', (answer) => {
      return { ...answer, accounts: edited(answer.accounts, withoutMiddle) }
    }),
  ),
  proofLie('an account with a higher balance', 'invalid proof', (honest) =>
    altered(honest, 'GetAccountRange', (answer) => {
      const richer = (body: Uint8Array) => {
        const account = decodeSlimAccount(body)
        return encodeSlimAccount({ ...account, balance: account.balance + 1n })
      }
      return { ...answer, accounts: revalued(answer.accounts, richer) }
    }),
  ),
  proofLie('accounts from before the origin', 'preceding the requested range', (honest) =>
    altered(honest, 'GetAccountRange', (_, request) => {
      const origin = bigIntToHash(hashToBigInt(request.origin) >> 1n)
      return honest({ ...request, origin }) as never
    }),
  ),
  proofLie('accounts from beyond a gap after the origin', '', (honest) =>
    altered(honest, 'GetAccountRange', (answer, request) => {
      if (answer.accounts.count < 2) return answer
      return honest({ ...request, origin: nextHash(leafKey(answer.accounts, 0))! }) as never
    }),
  ),
  proofLie('no accounts where there are some', 'more entries available', (honest) =>
    altered(honest, 'GetAccountRange', (answer) => {
      return answer.accounts.count === 0 ? answer : { ...answer, accounts: packLeaves([]) }
    }),
  ),
  proofLie('accounts with proof nodes that are cut short', '', (honest) =>
    altered(honest, 'GetAccountRange', (answer) => ({ ...answer, proof: shortened(answer.proof) })),
  ),
  proofLie('accounts of another state, with its proof', 'proof node missing', (honest) => {
    return (request) => (request.kind === 'GetAccountRange' ? elsewhere : honest)(request)
  }),
  {
    name: 'an account in full where the slim form is due',
    code: 'ACCOUNT_ENCODING',
    words: 'left out',
    liar: (honest) =>
      altered(honest, 'GetAccountRange', (answer) => {
        const full = (body: Uint8Array) => encodeAccount(decodeSlimAccount(body))
        return { ...answer, accounts: revalued(answer.accounts, full) }
      }),
  },
  protocolLie('accounts out of order', 'unordered keys', (honest) =>
    altered(honest, 'GetAccountRange', (answer) => {
      return { ...answer, accounts: edited(answer.accounts, (entries) => entries.reverse()) }
    }),
  ),
  protocolLie('more bytes of accounts than allowed', 'oversized answer', (honest) =>
    altered(honest, 'GetAccountRange', (answer) => {
      // An RLP list of 2 MiB.
      const huge = new Uint8Array(4 + 0x200000)
      huge.set([0xfa, 0x20, 0, 0])
      return { ...answer, accounts: revalued(answer.accounts, () => huge) }
    }),
  ),
]

const STORAGE_LIES: Lie[] = [
  proofLie('slots of another contract', '', (honest) =>
    altered(honest, 'GetStorageRanges', (answer, request) => {
      if (request.accounts.length < 2) return answer
      return honest({ ...request, accounts: request.accounts.toReversed() }) as never
    }),
  ),
  proofLie('a changed slot', 'invalid proof', (honest) =>
    altered(honest, 'GetStorageRanges', (answer) => {
      return { ...answer, slots: answer.slots.map((list) => revalued(list, flipped)) }
    }),
  ),
  proofLie('slots with one missing in the middle', 'invalid proof', (honest) =>
    altered(honest, 'GetStorageRanges', (answer) => {
      return { ...answer, slots: answer.slots.map((list) => edited(list, withoutMiddle)) }
    }),
  ),
  proofLie('empty lists of slots', 'invalid proof', (honest) =>
    altered(honest, 'GetStorageRanges', (answer) => {
      return { ...answer, slots: answer.slots.map(() => packLeaves([])), proof: [] }
    }),
  ),
  proofLie('a list that was cut, as if it were whole', 'invalid proof', (honest) =>
    altered(honest, 'GetStorageRanges', (answer) => ({ ...answer, proof: [] })),
  ),
  proofLie('slots from before the cursor', '', (honest) =>
    altered(honest, 'GetStorageRanges', (answer, request) => {
      if (request.origin.length === 0) return answer
      const origin = bigIntToHash(hashToBigInt(request.origin) >> 1n)
      return honest({ ...request, origin }) as never
    }),
  ),
  proofLie('slots with proof nodes that are cut short', '', (honest) =>
    altered(honest, 'GetStorageRanges', (answer) => {
      return { ...answer, proof: shortened(answer.proof) }
    }),
  ),
  proofLie('slots that end before the contract does', 'more entries available', (honest) =>
    altered(honest, 'GetStorageRanges', (answer, { accounts }) => {
      if (answer.proof.length === 0 || accounts.length > 1) return answer
      return { ...answer, slots: [] }
    }),
  ),
  protocolLie('more lists of slots than contracts', 'oversized answer', (honest) =>
    altered(honest, 'GetStorageRanges', (answer, { accounts }) => {
      return { ...answer, slots: [...accounts, undefined].map(() => answer.slots[0]!) }
    }),
  ),
]

const CODE_LIES: Lie[] = [
  ...(
    [
      ['a code with one bit flipped', (codes) => [flipped(codes[0]!), ...codes.slice(1)]],
      ['codes out of order', (codes) => codes.toReversed()],
      ['one code twice', ([code, ...rest]) => [code!, ...rest.map(() => code!)]],
      ['a code that nobody asked for', (codes) => codes.with(-1, Uint8Array.of(0xfe))],
    ] satisfies [string, (codes: readonly Uint8Array[]) => Uint8Array[]][]
  ).map(([name, change]): Lie => {
    const liar: Lie['liar'] = (honest) =>
      altered(honest, 'GetByteCodes', (answer) => ({ ...answer, codes: change(answer.codes) }))
    return { name, code: 'CODE_MISMATCH', words: 'not requested at its place', liar }
  }),
  protocolLie('more codes than asked for', 'oversized answer', (honest) =>
    altered(honest, 'GetByteCodes', (answer, { hashes }) => {
      return { ...answer, codes: [...hashes, undefined].map(() => answer.codes[0]!) }
    }),
  ),
]

const FRAME_LIES: Lie[] = [
  ...(
    [
      ['an empty frame', new Uint8Array()],
      ['a frame of an unknown kind', Uint8Array.of(0x2a, 0xc0)],
      ['a frame that is no RLP', Uint8Array.of(1, 0xf8, 0x01, 0x02)],
      ['a frame with trailing bytes', Uint8Array.of(1, 0xc3, 1, 0xc0, 0xc0, 0)],
      ['noise', Uint8Array.from({ length: 500 }, (_, index) => (index * 167 + 1) & 0xff)],
    ] satisfies [string, Uint8Array][]
  ).map(([name, frame]) =>
    protocolLie(name, 'malformed message', (honest, send) => (request) => {
      send(frame.slice())
      return honest(request)
    }),
  ),
  protocolLie('an answer to another request', 'unknown request id', (honest) => async (request) => {
    return { ...(await honest(request)), id: request.id ^ 1n }
  }),
  protocolLie('an answer twice', 'unknown request id', (honest, send) => async (request) => {
    const answer = await honest(request)
    send(encodeMessage(answer))
    return answer
  }),
  protocolLie('an answer of another kind', 'wrong kind of answer', () => (request) => {
    return { kind: 'TrieNodes', id: request.id, nodes: [] }
  }),
  protocolLie('a request to a client', 'unexpected message', (honest, send) => (request) => {
    send(encodeMessage(request))
    return honest(request)
  }),
]

/** All that a peer might try. */
export const LIES: readonly Lie[] = [...ACCOUNT_LIES, ...STORAGE_LIES, ...CODE_LIES, ...FRAME_LIES]

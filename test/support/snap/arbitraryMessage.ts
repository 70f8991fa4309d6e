import { type NestedUint8Array, RLP } from '@ethereumjs/rlp'
import fc from 'fast-check'
import { packLeaves } from '../../../src/leaves/packLeaves.ts'
import { SNAP_KINDS, type SnapMessage } from '../../../src/snap/SnapMessage.ts'

/** A message, and the frame that another RLP implementation makes of it. */
export interface Sample {
  message: SnapMessage
  frame: Uint8Array
}

const bytes = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })
const hash = bytes(32, 32)
const hashOrNone = fc.oneof(hash, fc.constant(new Uint8Array()))
const id = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const limit = fc.oneof(fc.nat(3000), fc.maxSafeNat())
const blobs = fc.array(fc.oneof(bytes(0, 3), bytes(50, 70), bytes(250, 300)), { maxLength: 8 })
const hashes = fc.array(hash, { maxLength: 8 })

const accounts = fc.array(
  fc.tuple(hash, fc.tuple(bytes(0, 8), bytes(0, 12), hashOrNone, hashOrNone)),
  {
    maxLength: 8,
  },
)
const slots = fc.array(fc.tuple(hash, bytes(0, 32)), { maxLength: 8 })

function sample(
  message: SnapMessage,
  ...fields: (bigint | number | NestedUint8Array | Uint8Array)[]
): Sample {
  const body = RLP.encode([message.id, ...fields])
  return { message, frame: Uint8Array.of(SNAP_KINDS.indexOf(message.kind), ...body) }
}

/** Messages of all eight kinds. */
export const arbitraryMessage: fc.Arbitrary<Sample> = fc.oneof(
  fc
    .tuple(id, hash, hash, hash, limit)
    .map(([id, root, origin, limit, bytes]) =>
      sample(
        { kind: 'GetAccountRange', id, root, origin, limit, bytes },
        root,
        origin,
        limit,
        bytes,
      ),
    ),
  fc.tuple(id, accounts, blobs).map(([id, accounts, proof]) =>
    sample(
      {
        kind: 'AccountRange',
        id,
        accounts: packLeaves(accounts.map(([key, body]) => [key, RLP.encode(body)])),
        proof,
      },
      accounts,
      proof,
    ),
  ),
  fc
    .tuple(id, hash, hashes, hashOrNone, hashOrNone, limit)
    .map(([id, root, accounts, origin, limit, bytes]) =>
      sample(
        { kind: 'GetStorageRanges', id, root, accounts, origin, limit, bytes },
        root,
        accounts,
        origin,
        limit,
        bytes,
      ),
    ),
  fc.tuple(id, fc.array(slots, { maxLength: 4 }), blobs).map(([id, lists, proof]) => {
    const encoded = lists.map((list) =>
      list.map(([key, value]): [Uint8Array, Uint8Array] => [key, RLP.encode(value)]),
    )
    const slots = encoded.map((list) => packLeaves(list))
    return sample({ kind: 'StorageRanges', id, slots, proof }, encoded, proof)
  }),
  fc
    .tuple(id, hashes, limit)
    .map(([id, hashes, bytes]) =>
      sample({ kind: 'GetByteCodes', id, hashes, bytes }, hashes, bytes),
    ),
  fc.tuple(id, blobs).map(([id, codes]) => sample({ kind: 'ByteCodes', id, codes }, codes)),
  fc
    .tuple(id, hash, fc.array(fc.array(bytes(0, 40), { maxLength: 4 }), { maxLength: 6 }), limit)
    .map(([id, root, paths, bytes]) =>
      sample({ kind: 'GetTrieNodes', id, root, paths, bytes }, root, paths, bytes),
    ),
  fc.tuple(id, blobs).map(([id, nodes]) => sample({ kind: 'TrieNodes', id, nodes }, nodes)),
)

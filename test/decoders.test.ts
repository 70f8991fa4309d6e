import { concatBytes } from '@noble/hashes/utils.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeAccount,
  decodeSlimAccount,
  encodeAccount,
  encodeSlimAccount,
} from '../src/account/accountCodec.ts'
import { checksum } from '../src/base/bytes/checksum.ts'
import { toHex } from '../src/base/bytes/hex.ts'
import { blocksRecord, readBlocks } from '../src/engine/blocksRecord.ts'
import { decodeFault, encodeFault } from '../src/libp2p/protocols/faultCodec.ts'
import { decodeHead, encodeHead } from '../src/libp2p/protocols/headCodec.ts'
import { decodeMessage } from '../src/snap/decodeMessage.ts'
import { encodeMessage } from '../src/snap/encodeMessage.ts'
import { KeyPrefix } from '../src/store/directory/KeyPrefix.ts'
import { PageKey } from '../src/store/directory/PageKey.ts'
import { accountTask } from '../src/sync/journal/AccountTask.ts'
import { readJournal, targetRecord, taskRecord } from '../src/sync/journal/Journal.ts'
import { hashInRecord, markRecord } from '../src/sync/journal/markRecord.ts'
import { decodeCompactPath, encodeCompactPath } from '../src/trie/compactPath.ts'
import { decodeNode } from '../src/trie/decodeNode.ts'
import { encodeNode } from '../src/trie/encodeNode.ts'
import type { TrieNode } from '../src/trie/TrieNode.ts'
import { arbitraryMessage } from './support/snap/arbitraryMessage.ts'
import { accountArbitrary } from './support/trie/accountArbitrary.ts'

// A decoder accepts exactly what its encoder writes: what it read encodes to the same bytes.

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const hex = hash.map((bytes) => toHex(bytes).slice(2))
const block = fc.record({
  number: fc.maxSafeNat(),
  hash: hash.map(toHex),
  stateRoot: hash.map(toHex),
})
const path = fc.uint8Array({ max: 15, minLength: 1, maxLength: 64 })
const node: fc.Arbitrary<TrieNode> = fc.oneof(
  fc.record({
    kind: fc.constant('leaf' as const),
    path,
    value: fc.uint8Array({ minLength: 1, maxLength: 80 }),
  }),
  fc.record({
    kind: fc.constant('extension' as const),
    path,
    child: hash.map((bytes) => Uint8Array.of(0xa0, ...bytes)),
  }),
  fc.record({
    kind: fc.constant('branch' as const),
    children: fc.array(
      fc.option(
        hash.map((bytes) => Uint8Array.of(0xa0, ...bytes)),
        { nil: undefined },
      ),
      { minLength: 16, maxLength: 16 },
    ),
  }),
)

/** The journal record of a body, with the checksum that fits. */
const sealed = (body: Uint8Array) => concatBytes(Uint8Array.of(3), checksum(body), body)
const bodyOf = ([, record]: [string, Uint8Array]) => record.subarray(9)

interface Codec {
  /** What the encoder writes. */
  written: fc.Arbitrary<Uint8Array>
  /** Reads bytes, and encodes what was read; throws if the decoder refuses them. */
  again(bytes: Uint8Array): Uint8Array
}

/** @param read throws or gives nothing if the decoder refuses the record */
function journalCodec<Value>(
  written: fc.Arbitrary<[string, Uint8Array]>,
  read: (record: Uint8Array) => Value | undefined,
  write: (value: Value) => [string, Uint8Array],
): Codec {
  return {
    written: written.map(bodyOf),
    again(body) {
      const value = read(sealed(body))
      if (value === undefined) throw new Error('refused')
      return bodyOf(write(value))
    },
  }
}

const task = fc
  .record({
    storageRoot: fc.option(hex, { nil: undefined }),
    codeHash: fc.option(hex, { nil: undefined }),
    chunks: fc.array(fc.record({ next: hash, last: hash }), { maxLength: 2 }),
    done: fc.boolean(),
  })
  .map(({ storageRoot, codeHash, chunks, done }) => {
    const task = accountTask(5)
    task.pending = [{ accountHash: task.first, storageRoot, codeHash, chunks }]
    if (done) task.next = undefined
    return task
  })

const codecs: Record<string, Codec> = {
  'the journal record of a target': journalCodec(
    fc.record({ root: hash, mixed: fc.boolean() }).map(targetRecord),
    (record) => readJournal(new Map([['target', record]])).target,
    targetRecord,
  ),
  'the journal record of a task': journalCodec(
    task.map(taskRecord),
    (record) => {
      const { tasks, damaged } = readJournal(new Map([['task/5', record]]))
      return damaged.length > 0 ? undefined : tasks[5]
    },
    taskRecord,
  ),
  'the journal record of an incomplete account': journalCodec(
    hex.map((it) => ['', markRecord(it)]),
    hashInRecord,
    (it) => ['', markRecord(it)],
  ),
  'the journal record of blocks': journalCodec(
    fc.array(block, { minLength: 1, maxLength: 2 }).map(blocksRecord),
    (record) => {
      const blocks = readBlocks(new Map([['blocks', record]]))
      return blocks.length > 0 ? blocks : undefined
    },
    blocksRecord,
  ),
  'an account': {
    written: accountArbitrary.map(encodeAccount),
    again: (bytes) => encodeAccount(decodeAccount(bytes)),
  },
  'a slim account': {
    written: accountArbitrary.map(encodeSlimAccount),
    again: (bytes) => encodeSlimAccount(decodeSlimAccount(bytes)),
  },
  'a trie node': {
    written: node.map(encodeNode),
    again: (bytes) => encodeNode(decodeNode(bytes)),
  },
  'a compact path': {
    written: fc.tuple(path, fc.boolean()).map(([path, isLeaf]) => encodeCompactPath(path, isLeaf)),
    again(bytes) {
      const { path, isLeaf } = decodeCompactPath(bytes)
      return encodeCompactPath(path, isLeaf)
    },
  },
  'a fault': {
    written: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(encodeFault),
    again: (bytes) => encodeFault(decodeFault(bytes)),
  },
  'a head': {
    written: fc
      .record({ number: fc.maxSafeNat(), hash, stateRoot: hash, parentHash: hash })
      .map(encodeHead),
    again: (bytes) => encodeHead(decodeHead(bytes, 'peer')),
  },
  'a page key': {
    written: fc
      .tuple(hash, fc.nat(256), fc.nat(), fc.boolean())
      .map(([key, bits, generation, gone]) => {
        return new PageKey(new KeyPrefix(key, bits), generation, gone).bytes()
      }),
    again: (bytes) => PageKey.fromBytes(bytes, 32).bytes(),
  },
  'a snap message': {
    written: arbitraryMessage.map(({ frame }) => frame),
    again(bytes) {
      const message = decodeMessage(bytes)
      // A byte limit above 2^53 is read as 2^53 − 1: any such limit means none.
      if ('bytes' in message && message.bytes === Number.MAX_SAFE_INTEGER) return bytes
      return encodeMessage(message)
    },
  },
}

/** Bytes as they were written, with one changed, inserted or removed, or cut. */
function damaged(written: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return fc
    .tuple(written, fc.nat(), fc.nat(255), fc.constantFrom('change', 'insert', 'remove', 'append'))
    .map(([bytes, seed, byte, how]) => {
      const at = how === 'append' ? bytes.length : seed % bytes.length
      const rest = bytes.subarray(how === 'insert' || how === 'append' ? at : at + 1)
      const between = how === 'remove' ? [] : [byte]
      return Uint8Array.of(...bytes.subarray(0, at), ...between, ...rest)
    })
}

describe.each(Object.entries(codecs))('the decoder of %s', (_, { written, again }) => {
  it('accepts what its encoder writes', () => {
    fc.assert(
      fc.property(written, (bytes) => {
        expect(again(bytes)).toEqual(bytes)
      }),
    )
  })

  it('refuses everything else', () => {
    fc.assert(
      fc.property(damaged(written), (bytes) => {
        let encoded: Uint8Array
        try {
          encoded = again(bytes)
        } catch {
          return
        }
        expect(encoded).toEqual(bytes)
      }),
      { numRuns: 2000 },
    )
  })
})

it('bytes behind the list of a journal record are refused, though the checksum fits', () => {
  const [name, record] = targetRecord({ root: new Uint8Array(32), mixed: false })
  const body = concatBytes(record.subarray(9), Uint8Array.of(0))
  const { target, damaged } = readJournal(new Map([[name, sealed(body)]]))
  expect(target).toBeUndefined()
  expect(damaged).toHaveLength(1)
})

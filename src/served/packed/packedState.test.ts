import { keccak_256 } from '@noble/hashes/sha3.js'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../base/bytes/hex.ts'
import { encodeMessage } from '../../snap/encodeMessage.ts'
import type { PathSet, SnapRequest } from '../../snap/SnapMessage.ts'
import { stateServer } from '../../snap/server/stateServer.ts'
import { encodeCompactPath } from '../../trie/compactPath.ts'
import { bytesToNibbles } from '../../trie/nibbles.ts'
import { createVerifier } from '../../verifier/createVerifier.ts'
import { AccountContents } from '../AccountContents.ts'
import type { AccountEntry } from '../AccountEntry.ts'
import { SeededRandom } from '../changing/SeededRandom.ts'
import { loadAccounts } from '../loadAccounts.ts'
import { memoryState } from '../memoryState.ts'

const verifier = await createVerifier()

/** A key that has a beginning of any length in common with another. */
function near(random: SeededRandom, keys: readonly Uint8Array[]): Uint8Array {
  const key = random.bytes(32)
  if (keys.length > 0 && random.below(2) === 0) {
    key.set(random.pick(keys).subarray(0, random.below(32)))
  }
  return key
}

/** Slots by hash; values of a byte often, so that nodes are embedded. */
function someSlots(random: SeededRandom): [Uint8Array, bigint][] {
  const count = random.pick([1, 1, 2, 2, 5, 40, 200])
  const slots = new Map<string, [Uint8Array, bigint]>()
  const hashes: Uint8Array[] = []
  for (let index = 0; index < count; index++) {
    const hash = near(random, hashes)
    hashes.push(hash)
    slots.set(toHex(hash), [hash, BigInt(random.below(random.pick([3, 2 ** 31])))])
  }
  return [...slots.values()]
}

/** Accounts in any order. Many share storage or code, or have none. */
function someEntries(random: SeededRandom): AccountEntry[] {
  const count = random.pick([0, 1, 2, 30, 400])
  const storages = Array.from({ length: 6 }, () => someSlots(random))
  const codes = Array.from({ length: 4 }, () => random.bytes(random.below(200)))
  const entries = new Map<string, AccountEntry>()
  const hashes: Uint8Array[] = []
  for (let index = 0; index < count; index++) {
    const hash = near(random, hashes)
    hashes.push(hash)
    const raw = random.below(5) === 0 ? [[random.bytes(32), 7n] as const] : []
    const hashedStorage = random.below(2) === 0 ? [] : random.pick([...storages, someSlots(random)])
    entries.set(toHex(hash), {
      ...{ name: `account ${index}`, hash, storage: raw, hashedStorage },
      balance: BigInt(random.below(2 ** 31)) ** BigInt(random.below(8)),
      nonce: BigInt(random.below(3)),
      code: random.below(2) === 0 ? random.pick(codes) : new Uint8Array(),
    })
  }
  return [...entries.values()]
}

function someRequest(
  random: SeededRandom,
  root: Uint8Array,
  entries: readonly AccountEntry[],
): SnapRequest {
  const hash = () => {
    const kind = random.below(entries.length === 0 ? 3 : 10)
    if (kind > 2) return random.pick(entries).hash
    return kind === 0 ? random.bytes(32) : new Uint8Array(32).fill(kind === 1 ? 0 : 0xff)
  }
  const slot = () => {
    const [found] = random.pick([...entries.flatMap(({ hashedStorage = [] }) => hashedStorage), []])
    return random.below(3) === 0 ? new Uint8Array() : (found ?? random.bytes(32))
  }
  const path = (key: Uint8Array) => {
    return encodeCompactPath(bytesToNibbles(key).subarray(0, random.below(65)), false)
  }
  const common = {
    id: BigInt(random.below(1000)),
    bytes: random.below(random.pick([1, 500, 20_000])),
  }
  const some = <Item>(make: () => Item) => Array.from({ length: random.below(12) }, make)
  switch (random.below(4)) {
    case 0:
      return { kind: 'GetAccountRange', ...common, root, origin: hash(), limit: hash() }
    case 1: {
      const range = { origin: slot(), limit: slot() }
      return { kind: 'GetStorageRanges', ...common, root, accounts: some(hash), ...range }
    }
    case 2: {
      const hashes = some(() => {
        return entries.length === 0 ? random.bytes(32) : keccak_256(random.pick(entries).code)
      })
      return { kind: 'GetByteCodes', ...common, hashes }
    }
    default: {
      const paths = some((): PathSet => {
        if (random.below(2) === 0) return [path(hash())]
        return [hash(), ...Array.from({ length: 1 + random.below(4) }, () => path(slot()))]
      }).map((set) => set.map((element) => element))
      return { kind: 'GetTrieNodes', ...common, root, paths }
    }
  }
}

describe('a packed state', () => {
  const base = new SeededRandom().seed

  it(`gives the very answers that tries of objects give, seeds from ${base}`, () => {
    for (let round = 0; round < 60; round++) {
      const random = new SeededRandom(base + round)
      const entries = someEntries(random)
      const contents = new AccountContents((input) => verifier.keccak256(input))
      const { accounts, size } = loadAccounts(entries, contents)
      const model = stateServer(contents.serve(() => accounts))
      const { source, stateRoot, ...counts } = memoryState(entries, { verifier })
      expect({ stateRoot, ...counts }, `seed ${random.seed}`).toEqual({
        stateRoot: toHex(accounts.root),
        ...size,
      })
      const packed = stateServer(source)
      const root = fromHex(stateRoot, 'root', 32)
      for (let ask = 0; ask < 60; ask++) {
        const request = someRequest(random, root, entries)
        const [answer, wanted] = [packed, model].map((serve) => {
          return toHex(encodeMessage(serve(request)))
        })
        if (answer !== wanted) {
          throw new Error(`seed ${random.seed}: ${request.kind} ${ask}: ${answer} is not ${wanted}`)
        }
      }
    }
  })

  it('has no state of another root, and no storage of an account that is not there', () => {
    const { source } = memoryState([], { verifier })
    expect(source.state(new Uint8Array(32))).toBeUndefined()
    const empty = source.state(fromHex(memoryState([]).stateRoot, 'root', 32))
    expect(empty?.storage(new Uint8Array(32))).toBeUndefined()
  })

  it('can be served in parts', () => {
    const random = new SeededRandom(1)
    const entry = { name: 'it', hash: random.bytes(32), balance: 1n, nonce: 0n, storage: [] }
    const { source, stateRoot } = memoryState([{ ...entry, code: random.bytes(3) }], { verifier })
    const { accounts, storage } = { ...source.state(fromHex(stateRoot, 'root', 32))! }
    expect(accounts.prove(entry.hash)).toHaveLength(1)
    expect(storage(entry.hash)?.prove(entry.hash)).toEqual([])
  })

  it('names an account or a slot that is there twice', () => {
    const random = new SeededRandom(1)
    const [hash, slot] = [random.bytes(32), random.bytes(32)]
    const plain = { name: 'it', hash, balance: 1n, nonce: 0n, code: new Uint8Array(), storage: [] }
    const twice = (key: Uint8Array) =>
      expect.objectContaining({ code: 'LEAF_ORDER', message: `key ${toHex(key)} occurs twice` })
    expect(() => memoryState([plain, plain])).toThrow(twice(hash))
    const hashedStorage = [[slot, 1n] as const, [slot, 2n] as const]
    expect(() => memoryState([{ ...plain, hashedStorage }])).toThrow(twice(slot))
  })
})

import { createMPT } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { describe, expect, it } from 'vitest'
import { EMPTY_CODE_HASH, EMPTY_ROOT } from '../../account/emptyHashes.ts'
import { fromHex, toHex } from '../../base/bytes/hex.ts'
import type { BlockHeader } from '../../chain/Header.ts'
import { syntheticAccounts } from '../../testing/syntheticAccounts.ts'
import { bytesToNibbles } from '../../trie/nibbles.ts'
import type { AccountEntry } from '../AccountEntry.ts'
import { memoryState } from '../memoryState.ts'
import { type BlockShape, ChangingState } from './ChangingState.ts'

const START = { seed: 1, accounts: 40, contracts: 0.4, maxSlots: 20 }

function changing({ seed = 1, retained = 128, changes = {} as BlockShape, start = START } = {}) {
  return new ChangingState(syntheticAccounts(start), { seed, retained, changes })
}

/**
 * The state root that the entries make up, by a library that knows nothing of how they came to be.
 */
async function oracleRoot(entries: readonly AccountEntry[]): Promise<string> {
  const accounts = await createMPT()
  for (const { hash, nonce, balance, code, hashedStorage = [] } of entries) {
    const storage = await createMPT()
    for (const [slot, value] of hashedStorage) await storage.put(slot, RLP.encode(value))
    await accounts.put(hash, RLP.encode([nonce, balance, storage.root(), keccak_256(code)]))
  }
  return toHex(accounts.root())
}

const shown = (headers: readonly BlockHeader[]) =>
  headers.map(({ number, hash, parentHash, stateRoot }) => {
    return { number, hash: toHex(hash), parentHash: toHex(parentHash), stateRoot: toHex(stateRoot) }
  })

const byHash = (entries: readonly AccountEntry[]) =>
  new Map(entries.map((entry) => [toHex(entry.hash), entry]))

describe('a changing state', () => {
  it('has the roots of @ethereumjs/mpt, block after block', async () => {
    for (let seed = 0; seed < 10; seed++) {
      const state = changing({ seed })
      for (let block = 0; block < 15; block++) {
        const { stateRoot } = state.advance()
        const entries = state.entriesAt(stateRoot)
        expect({ seed, block, root: await oracleRoot(entries) }).toEqual({
          ...{ seed, block },
          root: toHex(stateRoot),
        })
        // Also by way of its declared storage roots and code hashes.
        expect(memoryState(entries).stateRoot).toBe(toHex(stateRoot))
      }
    }
  })

  it('is the same with the same seed, and another with another', () => {
    const run = (seed: number) => {
      const state = changing({ seed })
      for (let block = 0; block < 20; block++) state.advance()
      state.reorg(5)
      return shown(state.headers)
    }
    expect(run(7)).toEqual(run(7))
    expect(run(7).at(1)).not.toEqual(run(8).at(1))
    expect(run(7)[0]!.hash).not.toBe(run(8)[0]!.hash)
  })

  it('links its blocks, each with a hash and a root of its own', () => {
    const state = changing()
    for (let block = 1; block <= 100; block++) expect(state.advance()).toBe(state.head)
    const headers = shown(state.headers)
    expect(headers.map(({ number }) => number)).toEqual(headers.map((_, index) => index))
    expect(headers.slice(1).map(({ parentHash }) => parentHash)).toEqual(
      headers.slice(0, -1).map(({ hash }) => hash),
    )
    expect(new Set(headers.map(({ hash }) => hash)).size).toBe(101)
    expect(new Set(headers.map(({ stateRoot }) => stateRoot)).size).toBe(101)
  })

  it('serves the newest states only, and each as it was', () => {
    const state = changing({ retained: 4 })
    const seen = [{ header: state.head, entries: state.entriesAt(state.head.stateRoot) }]
    for (let block = 1; block < 10; block++) {
      const header = state.advance()
      seen.push({ header, entries: state.entriesAt(header.stateRoot) })
    }
    expect(state.headers).toEqual(seen.slice(-4).map(({ header }) => header))
    for (const [number, { header, entries }] of seen.entries()) {
      const { stateRoot } = header
      if (number < 6) {
        expect(state.source.state(stateRoot)).toBeUndefined()
        expect(() => state.entriesAt(stateRoot)).toThrow(
          expect.objectContaining({
            code: 'UNKNOWN_ROOT',
            message: expect.stringContaining(toHex(stateRoot)),
          }),
        )
      } else expect(state.entriesAt(stateRoot)).toEqual(entries)
    }
  })

  it('abandons blocks for others', () => {
    const state = changing({ retained: 10 })
    for (let block = 0; block < 8; block++) state.advance()
    const before = state.headers
    const added = state.reorg(3)
    expect(state.headers).toEqual([...before.slice(0, -3), ...added])
    expect(added.map(({ number }) => number)).toEqual([6, 7, 8])
    expect(shown(added)[0]!.parentHash).toBe(toHex(before[5]!.hash))
    for (const [index, header] of added.entries()) {
      const abandoned = before.slice(-3)[index]!
      expect(toHex(header.stateRoot)).not.toBe(toHex(abandoned.stateRoot))
      expect(toHex(header.hash)).not.toBe(toHex(abandoned.hash))
      expect(state.source.state(abandoned.stateRoot)).toBeUndefined()
      expect(memoryState(state.entriesAt(header.stateRoot)).stateRoot).toBe(toHex(header.stateRoot))
    }
    for (const depth of [0, -1, 1.5, Number.NaN, 9]) {
      expect(() => state.reorg(depth)).toThrow(
        expect.objectContaining({ code: 'REORG', message: expect.stringContaining(`${depth}`) }),
      )
    }
    expect(state.reorg(8)).toHaveLength(8)
  })

  it('does to accounts all that can happen to them', () => {
    const state = changing({ seed: 2 })
    const happened = new Map<string, number>()
    const saw = (what: string) => happened.set(what, (happened.get(what) ?? 0) + 1)
    let before = byHash(state.entriesAt(state.head.stateRoot))
    for (let block = 0; block < 300; block++) {
      const after = byHash(state.entriesAt(state.advance().stateRoot))
      for (const [hash, was] of before) {
        const is = after.get(hash)
        const isContract = was.codeHash !== EMPTY_CODE_HASH
        if (is === undefined) saw(isContract ? 'contract gone' : 'plain account gone')
        else if (is.nonce !== was.nonce && is.balance !== was.balance) saw('paid')
        if (is !== undefined && is.codeHash !== was.codeHash) saw('code changed')
        if (is === undefined || is.storageRoot === was.storageRoot) continue
        if (is.storageRoot === EMPTY_ROOT) saw('storage emptied')
        if (was.storageRoot === EMPTY_ROOT) saw('storage appeared')
        if ([...before.values()].some((other) => other.storageRoot === is.storageRoot)) {
          saw('storage copied')
        }
        const old = new Map(was.hashedStorage!.map(([slot, value]) => [toHex(slot), value]))
        const now = new Map(is.hashedStorage!.map(([slot, value]) => [toHex(slot), value]))
        for (const [slot, value] of old) {
          if (!now.has(slot)) saw('slot zeroed')
          else if (now.get(slot) !== value) saw('slot changed')
        }
        for (const [slot] of now) if (!old.has(slot)) saw('slot set')
      }
      for (const [hash, { codeHash, storageRoot }] of after) {
        if (before.has(hash)) continue
        if (codeHash === EMPTY_CODE_HASH && storageRoot === EMPTY_ROOT) saw('plain account new')
        if (codeHash !== EMPTY_CODE_HASH && storageRoot !== EMPTY_ROOT) saw('contract new')
      }
      before = after
      expect(after.size).toBeGreaterThan(START.accounts / 3)
      expect(after.size).toBeLessThan(START.accounts * 3)
    }
    const rare = [...happened].filter(([, count]) => count < 10)
    expect([happened.size, rare]).toEqual([12, []])
  })

  it('has tries with long common prefixes and embedded nodes, and no two accounts that are too close', () => {
    const state = changing({ seed: 3 })
    let [shared, embedded] = [0, 0]
    for (let block = 0; block < 100; block++) {
      const { stateRoot } = state.advance()
      const entries = state.entriesAt(stateRoot)
      const hashes = entries.map(({ hash }) => toHex(hash))
      for (const [index, hash] of hashes.entries()) {
        const next = hashes[index + 1] ?? ''
        expect(next.slice(0, 2 + 63)).not.toBe(hash.slice(0, 2 + 63))
        if (next.slice(0, 2 + 20) === hash.slice(0, 2 + 20)) shared++
      }
      const served = state.source.state(stateRoot)!
      for (const { hash, hashedStorage = [] } of entries) {
        for (const [slot] of hashedStorage) {
          const path = bytesToNibbles(slot)
          const depths = [...path.keys()].filter((depth) => {
            return served.storage(hash)!.node(path.subarray(0, depth)) === 'embedded'
          })
          if (depths.length > 0) embedded++
        }
      }
    }
    expect(shared).toBeGreaterThan(100)
    expect(embedded).toBeGreaterThan(100)
  })

  it('does only what it is told to', () => {
    const only = (changes: BlockShape) => {
      const state = changing({ changes })
      const before = state.entriesAt(state.head.stateRoot)
      for (let block = 0; block < 60; block++) state.advance()
      return { before: byHash(before), after: byHash(state.entriesAt(state.head.stateRoot)) }
    }
    const stored = only({ weights: { store: 1 } })
    expect([...stored.after.keys()]).toEqual([...stored.before.keys()])
    for (const [hash, { nonce, balance, codeHash }] of stored.before) {
      expect(stored.after.get(hash)).toMatchObject({ nonce, balance, codeHash })
    }
    const grown = only({ weights: { create: 1 }, accounts: [3, 3] })
    expect(grown.after.size).toBe(START.accounts + 60 * 3)
    const gone = changing({ changes: { weights: { vanish: 1 }, accounts: [50, 50] } })
    expect(gone.advance().stateRoot).toEqual(fromHex(EMPTY_ROOT, 'root'))
    expect(gone.entriesAt(gone.head.stateRoot)).toEqual([])
    gone.advance()
    expect(gone.entriesAt(gone.head.stateRoot)).toHaveLength(1)
  })

  it('begins with no accounts, or with one', () => {
    for (const accounts of [0, 1]) {
      const state = changing({ start: { ...START, accounts } })
      for (let block = 0; block < 50; block++) {
        const { stateRoot } = state.advance()
        expect(memoryState(state.entriesAt(stateRoot)).stateRoot).toBe(toHex(stateRoot))
      }
    }
  })

  it('costs what changes, not what there is', () => {
    let hashed = 0
    const keccak256 = (input: Uint8Array) => {
      hashed++
      return keccak_256(input)
    }
    const start = syntheticAccounts({ ...START, accounts: 5000 })
    const state = new ChangingState(start, {
      ...{ seed: 1, keccak256 },
      changes: { weights: { pay: 1 }, accounts: [10, 10] },
    })
    hashed = 0
    for (let block = 0; block < 20; block++) state.advance()
    // The block, the root, and for each account its leaf and two or three branches above it.
    expect(hashed).toBeLessThan(20 * (2 + 10 * 5))
  })
})

import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../served/changing/SeededRandom.ts'
import { bytesToNibbles } from '../../trie/nibbles.ts'
import { IncompleteAccounts } from './IncompleteAccounts.ts'
import { encodeRecord } from './journalRecord.ts'
import { markName, markRecord } from './markRecord.ts'
import { readIncompleteAccounts } from './readIncompleteAccounts.ts'

const first = new SeededRandom().seed

/** Hashes that lie close together, or far apart. */
function someHash(random: SeededRandom): Uint8Array {
  const hash = new Uint8Array(32)
  hash[random.pick([0, 1, 31])] = random.pick([0, 1, 0x10, 0xff])
  return hash
}

describe('incomplete accounts', () => {
  it(`are a set, in the journal as in memory, seeds from ${first}`, () => {
    for (let seed = first; seed < first + 200; seed++) {
      const random = new SeededRandom(seed)
      const model = new Set<string>()
      const journal = new Map<string, Uint8Array>()
      let { incomplete } = readIncompleteAccounts(journal)
      for (let step = 0; step < 40; step++) {
        const [a, b] = [someHash(random), someHash(random)].sort((a, b) => Buffer.compare(a, b))
        const [low, high] = [bytesToHex(a!), bytesToHex(b!)]
        switch (random.below(5)) {
          case 0:
            incomplete.remove(a!)
            model.delete(low)
            break
          case 1:
            incomplete.removeRange(a!, b!)
            for (const hash of model) if (hash >= low && hash <= high) model.delete(hash)
            break
          case 2:
            for (const [name, record] of incomplete.takeChanges()) {
              // No record is written that is there, and none removed that is not.
              expect(journal.has(name), `seed ${seed}`).toBe(record === undefined)
              if (record === undefined) journal.delete(name)
              else journal.set(name, record)
            }
            if (random.below(2) === 0) ({ incomplete } = readIncompleteAccounts(journal))
            expect(readIncompleteAccounts(journal).damaged).toEqual([])
            break
          default:
            incomplete.add(a!)
            model.add(low)
        }
        expect([...incomplete], `seed ${seed}`).toEqual([...model].sort())
        expect(incomplete.size).toBe(model.size)
        expect(incomplete.has(b!)).toBe(model.has(high))
        const path = bytesToNibbles(b!).slice(0, random.pick([0, 1, 2, 3, 63, 64]))
        const prefix = high.slice(0, path.length)
        const any = [...model].some((hash) => hash.startsWith(prefix))
        expect(incomplete.anyUnder(path), `seed ${seed}, ${prefix}`).toBe(any)
      }
    }
  })
})

describe('damaged marks', () => {
  const [a, b] = ['aa'.repeat(32), 'bb'.repeat(32)] as const
  const read = (...records: [string, Uint8Array][]) => {
    const { incomplete, damaged } = readIncompleteAccounts(new Map(records))
    const changes = incomplete.takeChanges()
    return { hashes: [...incomplete], damaged: damaged.map(({ message }) => message), changes }
  }

  it('count as long as the name can be read, and stay until the account is healed', () => {
    const flipped = markRecord(a).map((byte, at) => (at === 20 ? byte ^ 1 : byte))
    for (const record of [flipped, new Uint8Array(), encodeRecord(new Uint8Array(31))]) {
      const { hashes, damaged, changes } = read([markName(a), record])
      expect(hashes).toEqual([a])
      expect(damaged).toEqual([expect.stringContaining(`journal record "heal/${a}" is damaged`)])
      expect(changes).toEqual(new Map())
    }
  })

  it('count for both accounts that name and record tell', () => {
    const { hashes, damaged, changes } = read([markName(a), markRecord(b)])
    expect(hashes).toEqual([a, b])
    expect(damaged).toEqual([expect.stringContaining(`it marks 0x${b}`)])
    expect(changes).toEqual(new Map([[markName(b), markRecord(b)]]))
  })

  it('are written anew under the right name', () => {
    for (const name of ['heal/', `heal/${a.slice(1)}`, `heal/${a}0`, `heal/${'AA'.repeat(32)}`]) {
      const { hashes, damaged, changes } = read([name, markRecord(b)])
      expect(hashes).toEqual([b])
      expect(damaged).toHaveLength(1)
      expect(changes).toEqual(
        new Map([
          [name, undefined],
          [markName(b), markRecord(b)],
        ]),
      )
    }
  })

  it('are reported and removed where they tell no account', () => {
    const { hashes, damaged, changes } = read(['heal/x', Uint8Array.of(1)])
    expect(hashes).toEqual([])
    expect(damaged).toEqual([expect.stringContaining('"heal/x" is damaged')])
    expect(changes).toEqual(new Map([['heal/x', undefined]]))
  })

  it('are not looked for among other records', () => {
    expect(read(['task/1', Uint8Array.of(1)], ['healed', Uint8Array.of(1)])).toEqual({
      ...{ hashes: [], damaged: [], changes: new Map() },
    })
  })

  it('do not keep a mark of the same name from changing again', () => {
    const incomplete = new IncompleteAccounts([a])
    incomplete.remove(hexToBytes(a))
    incomplete.add(hexToBytes(a))
    expect(incomplete.takeChanges()).toEqual(new Map())
    incomplete.remove(hexToBytes(a))
    expect(incomplete.takeChanges()).toEqual(new Map([[markName(a), undefined]]))
  })
})

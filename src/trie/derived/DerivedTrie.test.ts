import { createMPT } from '@ethereumjs/mpt'
import { describe, expect, it } from 'vitest'
import { ModelPages } from '../../../test/support/trie/ModelPages.ts'
import { randomLeaves } from '../../../test/support/trie/randomLeaves.ts'
import { pathName, TrieTruth } from '../../../test/support/trie/TrieTruth.ts'
import { emptyRoot } from '../../account/emptyHashes.ts'
import type { BitPrefix } from '../../base/bytes/BitPrefix.ts'
import { toHex } from '../../base/bytes/hex.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { SeededRandom } from '../../served/changing/SeededRandom.ts'
import { JsVerifier } from '../../verifier/JsVerifier.ts'
import { bytesToNibbles, type NibblePath } from '../nibbles.ts'
import { DerivedTrie } from './DerivedTrie.ts'

/** Changes leaves and pages in one of many ways. */
function change(pages: ModelPages, random: SeededRandom, keys: readonly Uint8Array[]): void {
  const kind = random.below(10)
  if (kind < 4) pages.put(random.pick(keys), random.bytes(1 + random.below(60)), random)
  else if (kind < 7) pages.remove(random.pick(keys))
  else if (kind === 7) pages.split(random)
  else if (kind === 8) pages.merge(random)
  else pages.dropEmpty()
}

/** Paths that mostly are no node's: beside, between and behind those that are. */
function somePaths(random: SeededRandom, keys: readonly Uint8Array[]): NibblePath[] {
  return Array.from({ length: 12 }, () => {
    const key = bytesToNibbles(random.pick(keys))
    const path = Uint8Array.of(...key.subarray(0, random.below(key.length + 1)))
    if (random.below(2) === 0 && path.length > 0) path[path.length - 1] = random.below(16)
    return random.below(8) === 0 ? Uint8Array.of(...path, random.below(16)) : path
  })
}

async function expectTruth(
  trie: DerivedTrie,
  truth: TrieTruth,
  others: readonly NibblePath[],
): Promise<void> {
  for (const { path, encoded, reference } of truth.nodes.values()) {
    const node = await trie.node(path)
    expect(node && toHex(node.encoded), pathName(path)).toBe(encoded)
    expect(node && toHex(node.reference), pathName(path)).toBe(reference)
    for (const child of await trie.children(path)) {
      expect(truth.nodes.get(pathName(child.path))?.reference).toBe(toHex(child.reference))
    }
  }
  for (const path of others) {
    const node = await trie.node(path)
    expect(node && toHex(node.encoded), pathName(path)).toBe(
      truth.nodes.get(pathName(path))?.encoded,
    )
    const hash = truth.hashAt(path)
    if (hash) expect(await trie.hasNode(path, hash), pathName(path)).toBe(true)
    expect(await trie.hasNode(path, new Uint8Array(32)), pathName(path)).toBe(false)
  }
  expect(toHex(await trie.root())).toBe(toHex(truth.root))
}

const verifier = new JsVerifier()

describe('DerivedTrie', () => {
  const base = new SeededRandom().seed

  it(`has all nodes of the trie and no others while leaves and pages change, seeds from ${base}`, async () => {
    for (let round = 0; round < 300; round++) {
      const random = new SeededRandom(base + round)
      const keys = randomLeaves(random, random.pick([2, 6, 30])).map(([key]) => key)
      const pages = new ModelPages(keys[0]!.length)
      const trie = new DerivedTrie(pages, verifier)
      try {
        for (let step = 0; step < 8; step++) {
          for (let changes = random.below(12); changes > 0; changes--) change(pages, random, keys)
          // Looking only here and there leaves some of what is kept old for several changes.
          const others = somePaths(random, keys)
          const truth = new TrieTruth(pages.entries())
          if (random.below(2) === 0) await expectTruth(trie, truth, others)
          else
            for (const path of others) {
              const node = await trie.node(path)
              const expected = truth.nodes.get(pathName(path))?.encoded
              expect(node && toHex(node.encoded), pathName(path)).toBe(expected)
            }
        }
        await expectTruth(trie, new TrieTruth(pages.entries()), somePaths(random, keys))
      } catch (error) {
        throw new Error(`seed ${random.seed}`, { cause: error })
      }
    }
  })

  it(`has the root of @ethereumjs/mpt through puts and removals, seed ${base}`, async () => {
    const random = new SeededRandom(base)
    for (let round = 0; round < 20; round++) {
      const leaves = randomLeaves(random, 40)
      const pages = new ModelPages(leaves[0]![0].length)
      const trie = new DerivedTrie(pages, verifier)
      const oracle = await createMPT()
      for (let step = 0; step < 60; step++) {
        const [key] = random.pick(leaves)
        if (random.below(3) === 0) {
          pages.remove(key)
          await oracle.del(key)
        } else {
          const value = random.bytes(1 + random.below(40))
          pages.put(key, value, random)
          await oracle.put(key, value)
        }
        if (random.below(3) === 0) pages.split(random)
        if (random.below(4) === 0) {
          expect(toHex(await trie.root())).toBe(toHex(oracle.root()))
        }
      }
    }
  })

  it(`answers for one moment of the call while leaves change under it, seeds from ${base}`, async () => {
    let repeated = 0
    for (let round = 0; round < 200; round++) {
      const random = new SeededRandom(base + round)
      const keys = randomLeaves(random, 12).map(([key]) => key)
      const pages = new ModelPages(keys[0]!.length)
      for (const key of keys) pages.put(key, random.bytes(40), random)
      for (let splits = 0; splits < 8; splits++) pages.split(random)
      const trie = new DerivedTrie(pages, verifier)
      for (let call = 0; call < 10; call++) {
        let truths = [new TrieTruth(pages.entries())]
        pages.onLook = () => {
          if (truths.length > 6 || random.below(3) > 0) return
          change(pages, random, keys)
          truths.push(new TrieTruth(pages.entries()))
        }
        const path = random.pick(somePaths(random, keys))
        const answers = await Promise.all([trie.node(path), trie.root(), trie.node(path)])
        const seen = answers.map((answer) =>
          toHex(answer instanceof Uint8Array ? answer : (answer?.encoded ?? new Uint8Array())),
        )
        const moments = truths.map((truth) => [
          truth.nodes.get(pathName(path))?.encoded ?? '0x',
          toHex(truth.root),
        ])
        if (truths.length > 1) repeated++
        expect(
          moments.map(([node]) => node),
          `seed ${random.seed}`,
        ).toContain(seen[0])
        expect(
          moments.map(([, root]) => root),
          `seed ${random.seed}`,
        ).toContain(seen[1])
        expect(
          moments.map(([node]) => node),
          `seed ${random.seed}`,
        ).toContain(seen[2])
        pages.onLook = () => undefined
        truths = [new TrieTruth(pages.entries())]
        await expectTruth(trie, truths[0]!, [path])
      }
    }
    expect(repeated).toBeGreaterThan(100)
  })

  it('sees a page come where there were several, and then one', async () => {
    const pages = new ModelPages(2)
    const trie = new DerivedTrie(pages, verifier)
    const random = new SeededRandom(1)
    const [low, high, other] = [0x10, 0x18, 0x20].map((byte) => {
      return { bytes: Uint8Array.of(byte), bits: 8 }
    }) as [BitPrefix, BitPrefix, BitPrefix]
    const put = (...key: number[]) => pages.put(Uint8Array.from(key), random.bytes(40), random)
    const expectRoot = async () => {
      expect(toHex(await trie.root())).toBe(toHex(new TrieTruth(pages.entries()).root))
    }
    pages.replace([], [low, high, other])
    put(0x10, 0)
    put(0x18, 0)
    put(0x20, 0)
    await expectRoot()
    pages.remove(Uint8Array.of(0x18, 0))
    pages.replace([high], [])
    await expectRoot()
    // Something else changes, so that the trie looks which pages there are.
    put(0x20, 1)
    await expectRoot()
    pages.replace([], [high])
    put(0x18, 1)
    await expectRoot()
  })

  it('is empty without leaves', async () => {
    const trie = new DerivedTrie(new ModelPages(32), verifier)
    expect(await trie.root()).toEqual(emptyRoot())
    expect(await trie.node(new Uint8Array())).toBeUndefined()
    expect(await trie.children(new Uint8Array())).toEqual([])
    expect(await trie.hasNode(new Uint8Array(), emptyRoot())).toBe(false)
  })

  it('takes nothing in from a call that failed, however late it comes', async () => {
    let open: () => void = () => undefined
    let isFirst = true
    class SlowPages extends ModelPages {
      override async read(page: BitPrefix): Promise<Leaves> {
        const leaves = await super.read(page)
        if (!isFirst) return leaves
        if (page.bytes[0] === 0x10) throw new Error('unreadable')
        isFirst = false
        await new Promise<void>((resolve) => {
          open = resolve
        })
        return leaves
      }
    }
    const pages = new SlowPages(2)
    const trie = new DerivedTrie(pages, verifier)
    const random = new SeededRandom(1)
    const put = (...key: number[]) => pages.put(Uint8Array.from(key), random.bytes(40), random)
    const prefixes = [0x10, 0x20].map((byte) => ({ bytes: Uint8Array.of(byte), bits: 8 }))
    pages.replace([], prefixes)
    put(0x10, 0)
    put(0x20, 0)
    const first = expect(trie.root()).rejects.toThrow('unreadable')
    const turns = async () => {
      for (let turn = 0; turn < 100; turn++) await Promise.resolve()
    }
    await turns()
    put(0x20, 0)
    const second = trie.root()
    await turns()
    open()
    await Promise.all([first, second])
    put(0x10, 0)
    expect(toHex(await trie.root())).toBe(toHex(new TrieTruth(pages.entries()).root))
  })

  it('goes on after a page that could not be read', async () => {
    const pages = new ModelPages(32)
    pages.put(new Uint8Array(32).fill(7), Uint8Array.of(1), new SeededRandom(1))
    pages.onLook = () => {
      throw new Error('unreadable')
    }
    const trie = new DerivedTrie(pages, verifier)
    await expect(trie.root()).rejects.toThrow('unreadable')
    pages.onLook = () => undefined
    expect(toHex(await trie.root())).toBe(toHex(new TrieTruth(pages.entries()).root))
  })
})

import { emptyCodeHash, emptyRoot } from '../../src/account/emptyHashes.ts'
import { MIB, NO_BYTES, UNKNOWN, UNLIMITED } from './edges.ts'
import type { Rule } from './Rule.ts'
import type { RuleState } from './RuleState.ts'

/** What is asked, and the codes that are right, where the bytes stop none of them. */
interface Codes {
  hashes: readonly Uint8Array[]
  codes: readonly Uint8Array[]
  /** @default 1 MiB */
  bytes?: number
}

/** Codes that one request may look up. */
const MOST_LOOKUPS = 1024

/**
 * §6.4: in the order of the hashes, until their size exceeds the limit; unknown ones are left out.
 */
export const codeRules: readonly Rule[] = [
  rule('none asked for', () => ({ hashes: [], codes: [] })),
  rule('all, in the order asked for', ({ codes }) => every(codes)),
  rule('all, in the other order', ({ codes }) => every(codes.toReversed())),
  rule('any number of bytes', ({ codes }) => ({ ...every(codes), bytes: UNLIMITED })),
  rule('unknown ones are left out', ({ codes }) => ({
    hashes: [UNKNOWN, ...codes.flatMap(({ hash }) => [hash, UNKNOWN])],
    codes: codes.map(({ code }) => code),
  })),
  rule('state roots are none', ({ root, staleRoot = UNKNOWN }) => ({
    ...{ hashes: [staleRoot, root], codes: [] },
  })),
  rule('a state root twice is none', ({ root }) => ({ hashes: [root, root], codes: [] })),
  rule('a storage root is none', ({ large }) => {
    return large && { hashes: [large.storage.root], codes: [] }
  }),
  rule('the root of an empty trie is none', () => ({ hashes: [emptyRoot()], codes: [] })),
  rule('the hash of no code: an item without bytes', () => ({
    ...{ hashes: [emptyCodeHash()], codes: [NO_BYTES] },
  })),
  rule('the hash of no code three times: three items', () => ({
    ...{ hashes: new Array(3).fill(emptyCodeHash()), codes: new Array(3).fill(NO_BYTES) },
  })),
  rule('the same hash four times: the same code four times', ({ codes: [first] }) => {
    return first && every(new Array(4).fill(first))
  }),

  rule('one byte: one code', ({ codes }) => ({ ...every(codes), bytes: 1 })),
  rule('no bytes: one code', ({ codes }) => ({ ...every(codes), bytes: 0 })),
  rule('no bytes: items without bytes do not count', ({ codes: [first] }) => {
    if (first === undefined) return undefined
    const hashes = [emptyCodeHash(), first.hash, first.hash]
    return { hashes, codes: [NO_BYTES, first.code, first.code], bytes: 0 }
  }),
  rule('exactly the bytes of two: one more, as only more than the limit stops', ({ codes }) => {
    const [first] = codes
    return first && { ...every(new Array(4).fill(first)), bytes: 2 * first.code.length }
  }),
  rule('a byte less than two take: two', ({ codes: [first] }) => {
    return first && { ...every(new Array(4).fill(first)), bytes: 2 * first.code.length - 1 }
  }),

  rule('of 1,025 hashes, 1,024 are looked up', () => ({
    hashes: new Array(MOST_LOOKUPS + 1).fill(emptyCodeHash()),
    codes: new Array(MOST_LOOKUPS).fill(NO_BYTES),
  })),
  rule('unknown ones are looked up too', ({ codes: [first] }) => {
    const unknown = new Array(MOST_LOOKUPS - 1).fill(UNKNOWN)
    return first && { hashes: [...unknown, first.hash, first.hash], codes: [first.code] }
  }),
]

function rule(name: string, codes: (state: RuleState) => Codes | undefined): Rule {
  return {
    section: '6.4',
    name: `codes: ${name}`,
    apply(state) {
      const wanted = codes(state)
      if (wanted === undefined) return undefined
      const { hashes, bytes = MIB, codes: unlimited } = wanted
      return {
        question: { kind: 'GetByteCodes', hashes, bytes },
        expected: {
          kind: 'ByteCodes',
          codes: untilBeyond(unlimited, Math.min(bytes, state.mostBytes)),
        },
      }
    },
  }
}

/** As many as one request may ask for. */
function every(all: RuleState['codes']): Codes {
  const codes = all.slice(0, MOST_LOOKUPS)
  return { hashes: codes.map(({ hash }) => hash), codes: codes.map(({ code }) => code) }
}

/** Up to the item that goes beyond `bytes`, which is included. */
function untilBeyond(items: readonly Uint8Array[], bytes: number): readonly Uint8Array[] {
  let size = 0
  const last = items.findIndex((item) => {
    size += item.length
    return size > bytes
  })
  return last < 0 ? items : items.slice(0, last + 1)
}

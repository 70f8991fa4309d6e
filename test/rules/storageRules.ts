import type { GetStorageRanges } from '../../src/snap/SnapMessage.ts'
import type { TrieEntry } from '../../src/trie/memory/MemoryTrie.ts'
import { FIRST, LAST, MIB, moved, NO_BYTES, UNKNOWN, UNLIMITED } from './edges.ts'
import type { ExpectedSlots, Rule } from './Rule.ts'
import type { RuleAccount, RuleState } from './RuleState.ts'

/** What is asked, where it is not the first account's whole storage, and what is right. */
interface Ranges extends Partial<Omit<GetStorageRanges, 'kind' | 'id' | 'accounts'>> {
  accounts: readonly (RuleAccount | Uint8Array)[]
  lists: readonly ExpectedSlots[]
  proven?: RuleAccount | undefined
}

/**
 * The large contract's slots: what is asked, from which one on they come, how many, and whether
 * that is proven.
 */
interface SlotRange extends Partial<Omit<GetStorageRanges, 'kind' | 'id' | 'accounts'>> {
  from: number
  count: number
  proven: boolean
}

/** The bytes asked for, and what a tenth adds to them. */
const SLACK = 1.1

/**
 * §6.3: `origin` and `limit` hold for the first account only. An account without slots has no list.
 * A list is proven that does not begin at zero or was cut for its size, and is the last one; one
 * that `limit` cut is not proven.
 */
export const storageRules: readonly Rule[] = [
  oneContract('no origin, no limit: all, without proof', ({ slots }) => whole(slots)),
  oneContract('from the first key to the last: all, without proof', ({ slots }) => ({
    ...{ origin: FIRST, limit: LAST, ...whole(slots) },
  })),
  oneContract('the first key as origin: all, without proof', ({ slots }) => ({
    ...{ origin: FIRST, ...whole(slots) },
  })),
  oneContract('the smallest other origin: all, with proof', ({ slots }) => ({
    ...{ origin: moved(FIRST, 1n), ...whole(slots), proven: true },
  })),
  oneContract('origin at the first slot: all, with proof', ({ slots }) => ({
    ...{ origin: key(slots, 0), limit: LAST, ...whole(slots), proven: true },
  })),
  oneContract('origin after the first slot', ({ slots }) => rest(slots, 1, key(slots, 0), 1n)),
  oneContract('origin before a slot', ({ slots }) => rest(slots, 1, key(slots, 1), -1n)),
  oneContract('origin at a slot', ({ slots }) => rest(slots, 1, key(slots, 1), 0n)),
  oneContract('origin at the last slot', ({ slots }) => {
    return rest(slots, slots.length - 1, key(slots, -1), 0n)
  }),
  oneContract('origin after the last slot: no list, and that is proven', ({ slots }) => {
    return rest(slots, slots.length, key(slots, -1), 1n)
  }),

  oneContract('limit at a slot: it is included, the cut is not proven', ({ slots }) => ({
    ...{ limit: key(slots, 1), from: 0, count: 2, proven: false },
  })),
  oneContract('limit before a slot: that one is included', ({ slots }) => ({
    ...{ limit: moved(key(slots, 1), -1n), from: 0, count: 2, proven: false },
  })),
  oneContract('limit after a slot: the next is included', ({ slots }) => ({
    ...{ limit: moved(key(slots, 0), 1n), from: 0, count: 2, proven: false },
  })),
  oneContract('limit before the first slot: one', ({ slots }) => ({
    ...{ limit: moved(key(slots, 0), -1n), from: 0, count: 1, proven: false },
  })),
  oneContract('origin and limit at two slots: both, with proof', ({ slots }) => ({
    ...{ origin: key(slots, 0), limit: key(slots, 1), from: 0, count: 2, proven: true },
  })),
  oneContract('origin and limit between slots: the next available', ({ slots }) => ({
    ...{ origin: moved(key(slots, 1), -1n), limit: moved(key(slots, 1), 1n) },
    ...{ from: 1, count: 2, proven: true },
  })),
  oneContract('limit before the origin: one', ({ slots }) => ({
    ...{ origin: key(slots, 1), limit: FIRST, from: 1, count: 1, proven: true },
  })),

  oneContract('no bytes: nothing', () => ({ bytes: 0, from: 0, count: 0, proven: false })),
  oneContract('one byte: one slot', () => ({ bytes: 1, from: 0, count: 1, proven: true })),
  ...[3000, MIB, UNLIMITED].map((bytes) =>
    rule(`${bytes === UNLIMITED ? 'unlimited' : bytes} bytes, and a tenth more`, (state) => {
      const { largest, mostBytes } = state
      return largest && cutBySize(largest, bytes, mostBytes)
    }),
  ),
  rule('all but a tenth of the bytes of all: all, without proof', ({ large, mostBytes }) => {
    return large && cutBySize(large, Math.ceil(sizeOf(large.slots) / SLACK), mostBytes)
  }),
  rule('all but a tenth of the bytes of all but the last: it is left out', (state) => {
    const { large, mostBytes } = state
    const bytes = large && Math.floor(sizeOf(large.slots.slice(0, -1)) / SLACK)
    return large && cutBySize(large, bytes!, mostBytes)
  }),
  rule('a tenth more, reached exactly by a slot: it is the last', ({ large }) => {
    const bytes = large && bytesReachedExactly(large.slots)
    return bytes === undefined ? undefined : cutBySize(large!, bytes, bytes)
  }),
  oneContract('cut by bytes from an origin on', ({ slots }) => ({
    ...{ origin: key(slots, 1), bytes: 1, from: 1, count: 1, proven: true },
  })),

  rule('several accounts, in the order asked for, and again', ({ small, large }) => {
    if (!small || !large) return undefined
    return { accounts: [small, large, small], lists: [small, large, small].map(all) }
  }),
  rule('accounts without slots and unknown ones have no list', ({ small, plain }) => {
    if (!small || !plain) return undefined
    return { accounts: [plain, small, UNKNOWN, small, plain], lists: [small, small].map(all) }
  }),
  rule(
    'an account without slots: no list',
    ({ plain }) => plain && { accounts: [plain], lists: [] },
  ),
  rule('limit of the first account only', ({ small, large }) => {
    if (!small || !large) return undefined
    const limited = { account: large, slots: large.slots.slice(0, 2) }
    const limit = key(large.slots, 1)
    return { accounts: [large, small], limit, lists: [limited, all(small)] }
  }),
  rule('limit of the first account, even where that has no slots', ({ plain, small }) => {
    return plain && small && { accounts: [plain, small], limit: FIRST, lists: [all(small)] }
  }),
  rule('the first proven list is the last', ({ small, large }) => {
    if (!small || !large) return undefined
    const end = { account: large, slots: large.slots.slice(-2) }
    const origin = key(large.slots, -2)
    return { accounts: [large, small], origin, lists: [end], proven: large }
  }),
  rule('the second account, cut by bytes, is the last', ({ small, large }) => {
    if (!small || !large) return undefined
    // One byte more than the first has: the second is begun, and its first slot goes beyond the
    // tenth.
    const bytes = sizeOf(small.slots) + 1
    const most = hardLimit(bytes) - sizeOf(small.slots)
    const slots = large.slots.slice(0, countBelow(large.slots, most))
    const cut = slots.length < large.slots.length
    const lists = [all(small), { account: large, slots }]
    return cut ? { accounts: [small, large, small], bytes, lists, proven: large } : undefined
  }),
  rule('no account is begun when the bytes are used up', ({ small, large }) => {
    if (!small || !large) return undefined
    return { accounts: [small, large], bytes: sizeOf(small.slots), lists: [all(small)] }
  }),
  rule('an account without slots, from an origin on: nothing of those after it', (state) => {
    const { plain, small } = state
    return plain && small && { accounts: [plain, small], origin: LAST, lists: [] }
  }),
  rule('an unknown account, from an origin on: nothing at all', ({ small }) => {
    return small && { accounts: [UNKNOWN, small], origin: LAST, lists: [] }
  }),
  rule('an unknown account', () => ({ accounts: [UNKNOWN], lists: [] })),
  rule('no accounts', () => ({ accounts: [], lists: [] })),
  rule('an unknown root', ({ large }) => large && { accounts: [large], root: UNKNOWN, lists: [] }),
  rule('the root of a storage trie', ({ large }) => {
    return large && { accounts: [large], root: large.storage.root, lists: [] }
  }),
]

function rule(name: string, ranges: (state: RuleState) => Ranges | undefined): Rule {
  return {
    section: '6.3',
    name: `slots: ${name}`,
    apply(state) {
      const wanted = ranges(state)
      if (wanted === undefined) return undefined
      const { accounts, lists, proven, ...asked } = wanted
      return {
        question: {
          ...{ kind: 'GetStorageRanges', root: state.root, origin: NO_BYTES, limit: NO_BYTES },
          ...{ bytes: MIB, ...asked },
          accounts: accounts.map((account) => ('hash' in account ? account.hash : account)),
        },
        expected: { kind: 'StorageRanges', lists, proven },
      }
    },
  }
}

function oneContract(name: string, range: (large: RuleAccount) => SlotRange): Rule {
  return rule(name, ({ large }) => {
    if (large === undefined) return undefined
    const { from, count, proven, ...asked } = range(large)
    const slots = large.slots.slice(from, from + count)
    return {
      ...{ accounts: [large], ...asked },
      lists: slots.length === 0 ? [] : [{ account: large, slots }],
      ...(proven && { proven: large }),
    }
  })
}

function key(slots: readonly TrieEntry[], index: number): Uint8Array {
  return slots.at(index)![0]
}

function all(account: RuleAccount): ExpectedSlots {
  return { account, slots: account.slots }
}

function whole(slots: readonly TrieEntry[]) {
  return { from: 0, count: slots.length, proven: false }
}

/** All slots after the first `from`, as they come where the origin stands beside a slot. */
function rest(slots: readonly TrieEntry[], from: number, near: Uint8Array, by: bigint): SlotRange {
  return { origin: moved(near, by), from, count: slots.length - from, proven: true }
}

function cutBySize(account: RuleAccount, bytes: number, mostBytes: number): Ranges {
  const count = countBelow(account.slots, hardLimit(Math.min(bytes, mostBytes)))
  return {
    ...{ accounts: [account], bytes, lists: [{ account, slots: account.slots.slice(0, count) }] },
    ...(count < account.slots.length && { proven: account }),
  }
}

/** Bytes such that a tenth more is just what some of the first slots take. */
function bytesReachedExactly(slots: readonly TrieEntry[]): number | undefined {
  const sizes = slots.slice(1).map((_, index) => sizeOf(slots.slice(0, index + 1)))
  const size = sizes.find((one) => hardLimit(Math.ceil(one / SLACK)) === one)
  return size && Math.ceil(size / SLACK)
}

function hardLimit(bytes: number): number {
  return Math.floor(bytes * SLACK)
}

/** A slot is added while those before it take less than `limit`. */
function countBelow(slots: readonly TrieEntry[], limit: number): number {
  let size = 0
  const end = slots.findIndex(([, value]) => {
    if (size >= limit) return true
    size += 32 + value.length
    return false
  })
  return end < 0 ? slots.length : end
}

function sizeOf(slots: readonly TrieEntry[]): number {
  return slots.reduce((sum, [, value]) => sum + 32 + value.length, 0)
}

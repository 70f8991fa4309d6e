import type { GetAccountRange } from '../../src/snap/SnapMessage.ts'
import { FIRST, LAST, MIB, moved, UNKNOWN, UNLIMITED } from './edges.ts'
import type { Rule } from './Rule.ts'
import type { RuleAccount, RuleState } from './RuleState.ts'

/**
 * What is asked, where it is not the whole range with 4,000 bytes, and which accounts are right.
 */
interface Range extends Partial<Omit<GetAccountRange, 'kind' | 'id'>> {
  /** How many accounts stand before the first one. */
  from: number
  count: number
}

/**
 * §6.2: from the origin on to the first account at or after the limit, at least one; always proven.
 */
export const accountRules: readonly Rule[] = [
  rule('everything, up to what a server sends', (state) => ({
    bytes: UNLIMITED,
    ...{ from: 0, count: countWithin(state, 0, state.mostBytes) },
  })),
  ...[MIB, 4000, 3000, 2000].map((bytes) =>
    rule(`${bytes} bytes: one more than fit`, (state) => ({
      ...{ bytes, from: 0, count: countWithin(state, 0, Math.min(bytes, state.mostBytes)) },
    })),
  ),
  rule('one byte: one account', () => ({ bytes: 1, from: 0, count: 1 })),
  rule('no bytes: one account', () => ({ bytes: 0, from: 0, count: 1 })),
  rule('exactly the bytes of two: one more, as only more than the limit stops', (state) => ({
    ...{ bytes: sizeOf(state.sorted.slice(0, 2)), from: 0, count: 3 },
  })),
  rule('a byte less than two take: two', (state) => ({
    ...{ bytes: sizeOf(state.sorted.slice(0, 2)) - 1, from: 0, count: 2 },
  })),

  rule(
    'origin before the first account, limit after it: the second is the next available',
    (s) => ({
      ...{ origin: moved(at(s, 0), -500n), limit: moved(at(s, 0), 1n), from: 0, count: 2 },
    }),
  ),
  rule('origin and limit before the first account: the first', (s) => ({
    ...{ origin: moved(at(s, 0), -500n), limit: moved(at(s, 0), -450n), from: 0, count: 1 },
  })),
  rule('origin and limit at zero: the first', () => ({ limit: FIRST, from: 0, count: 1 })),
  rule('origin at the first account', (state) => ({
    ...{ origin: at(state, 0), from: 0, count: countWithin(state, 0, 4000) },
  })),
  rule('origin after the first account', (state) => ({
    ...{ origin: moved(at(state, 0), 1n), from: 1, count: countWithin(state, 1, 4000) },
  })),
  rule('origin between two accounts', (state) => {
    const from = middle(state)
    return { origin: moved(at(state, from), -1n), bytes: 0, from, count: 1 }
  }),
  rule('origin at the last account: it, and nothing follows', (state) => ({
    ...{ origin: at(state, -1), from: state.sorted.length - 1, count: 1 },
  })),
  rule('origin after the last account: none, and that is proven', (state) => ({
    ...{ origin: moved(at(state, -1), 1n), from: state.sorted.length, count: 0 },
  })),

  rule('limit at an account: it is included', (state) => ({
    ...{ bytes: MIB, limit: at(state, 2), from: 0, count: 3 },
  })),
  rule('limit before an account: that one is included', (state) => ({
    ...{ bytes: MIB, limit: moved(at(state, 2), -1n), from: 0, count: 3 },
  })),
  rule('limit after an account: the next is included', (state) => ({
    ...{ bytes: MIB, limit: moved(at(state, 1), 1n), from: 0, count: 3 },
  })),
  rule('limit at the origin: one', (state) => ({
    ...{ origin: at(state, 1), limit: at(state, 1), from: 1, count: 1 },
  })),

  rule('limit before the origin: one', (state) => ({
    ...{ origin: at(state, 0), limit: moved(at(state, 0), -1n), from: 0, count: 1 },
  })),
  rule('limit before the origin, which is no account: the next one', (state) => ({
    ...{ origin: moved(at(state, 0), 1n), limit: FIRST, from: 1, count: 1 },
  })),
  rule('limit at zero, origin at the first account: one', (state) => ({
    ...{ origin: at(state, 0), limit: FIRST, from: 0, count: 1 },
  })),
  rule('limit at zero, origin at the end of all keys: none', (state) => ({
    ...{ origin: LAST, limit: FIRST, from: state.sorted.length, count: 0 },
  })),

  nothing('an unknown root', () => UNKNOWN),
  nothing('the root of a storage trie', ({ large }) => large?.storage.root),
]

function rule(name: string, range: (state: RuleState) => Range): Rule {
  return {
    section: '6.2',
    name: `accounts: ${name}`,
    apply(state) {
      // Three accounts, and room before and after them, are what the rules above count on.
      if (state.sorted.length < 3) return undefined
      const { from, count, ...asked } = range(state)
      const accounts = state.sorted.slice(from, from + count)
      return {
        question: { ...wholeRange(state.root), ...asked },
        expected: { kind: 'AccountRange', accounts, proven: state },
      }
    },
  }
}

function nothing(name: string, root: (state: RuleState) => Uint8Array | undefined): Rule {
  return {
    section: '6.2',
    name: `accounts: none for ${name}`,
    apply(state) {
      const unknown = root(state)
      if (unknown === undefined) return undefined
      return {
        question: wholeRange(unknown),
        expected: { kind: 'AccountRange', accounts: [] },
      }
    },
  }
}

function wholeRange(root: Uint8Array) {
  return { kind: 'GetAccountRange', root, origin: FIRST, limit: LAST, bytes: 4000 } as const
}

function at({ sorted }: RuleState, index: number): Uint8Array {
  return sorted.at(index)!.hash
}

function middle({ sorted }: RuleState): number {
  return Math.floor(sorted.length / 2)
}

function sizeOf(accounts: readonly RuleAccount[]): number {
  return accounts.reduce((sum, { slim }) => sum + 32 + slim.length, 0)
}

/** Up to the first that goes beyond `bytes`, which is included. */
function countWithin({ sorted }: RuleState, from: number, bytes: number): number {
  let size = 0
  const rest = sorted.slice(from)
  const last = rest.findIndex(({ slim }) => {
    size += 32 + slim.length
    return size > bytes
  })
  return last < 0 ? rest.length : last + 1
}

import { encodeCompactPath } from '../../src/trie/compactPath.ts'
import { accountRules } from './accountRules.ts'
import { FIRST, LAST, NO_BYTES } from './edges.ts'
import { nodeRules } from './nodeRules.ts'
import type { Expected, Question, Rule } from './Rule.ts'
import type { RuleState } from './RuleState.ts'
import { storageRules } from './storageRules.ts'

/**
 * §6.7: the oldest of the newest 128 states is served like the newest, and the one before it not at
 * all.
 */
export const retentionRules: readonly Rule[] = [
  ...[...accountRules, ...storageRules, ...nodeRules].map(ofOldest),
  stale('accounts', (root) => ({
    question: { kind: 'GetAccountRange', root, origin: FIRST, limit: LAST, bytes: 4000 },
    expected: { kind: 'AccountRange', accounts: [] },
  })),
  stale('slots', (root, { sorted }) => ({
    question: {
      ...{ kind: 'GetStorageRanges', root, origin: NO_BYTES, limit: NO_BYTES, bytes: 4000 },
      accounts: sorted.slice(0, 64).map(({ hash }) => hash),
    },
    expected: { kind: 'StorageRanges', lists: [] },
  })),
  stale('nodes', (root) => ({
    question: {
      ...{ kind: 'GetTrieNodes', root, bytes: 4000 },
      paths: [[encodeCompactPath(NO_BYTES, false)]],
    },
    expected: { kind: 'TrieNodes', nodes: [] },
  })),
]

function ofOldest({ name, apply }: Rule): Rule {
  return {
    section: '6.7',
    name: `of the oldest state: ${name}`,
    apply: ({ oldest }) => oldest && apply(oldest),
  }
}

function stale(
  name: string,
  check: (
    root: Uint8Array,
    state: RuleState,
  ) => {
    question: Question
    expected: Expected
  },
): Rule {
  return {
    section: '6.7',
    name: `of a state that is too old: no ${name}`,
    apply: (state) => state.staleRoot && check(state.staleRoot, state),
  }
}

import type { SyncCounts } from './Progress.ts'

/** Counts of nothing. */
export function noCounts(): SyncCounts {
  return {
    synced: { accounts: 0, accountBytes: 0, slots: 0, slotBytes: 0, codes: 0, codeBytes: 0 },
    healed: {
      ...{ nodes: 0, nodeBytes: 0, codes: 0, codeBytes: 0 },
      ...{ accounts: 0, accountBytes: 0, slots: 0, slotBytes: 0 },
    },
  }
}

/** The sum, field by field of `counts`. */
export function addedCounts<Counts extends object>(counts: Counts, more: Partial<Counts>): Counts {
  return combined(counts, (name, count) => count + Number(more[name] ?? 0))
}

/** The difference, field by field of `counts`. */
export function withoutCounts<Counts extends object>(counts: Counts, less: Counts): Counts {
  return combined(counts, (name, count) => count - Number(less[name]))
}

function combined<Counts extends object>(
  counts: Counts,
  combine: (name: keyof Counts, count: number) => number,
): Counts {
  const entries = Object.entries(counts) as [keyof Counts, number][]
  return Object.fromEntries(entries.map(([name, count]) => [name, combine(name, count)])) as Counts
}

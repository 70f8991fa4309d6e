import type { StateStore, StoreBatch } from '../../../src/store/StateStore.ts'
import type { StoreTotals } from '../../../src/store/StateView.ts'

/**
 * The same store, with `onCommit` in the way of every commit: it may look, wait, throw, or not let
 * it through.
 */
export function storeWithHooks(
  store: StateStore,
  onCommit: (batch: StoreBatch, commit: () => Promise<void>) => Promise<void>,
): StateStore {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'commit') {
        return async (batch: StoreBatch) => {
          let totals: StoreTotals | undefined
          await onCommit(batch, async () => {
            totals = await target.commit(batch)
          })
          return totals ?? target.working.totals()
        }
      }
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

import type { StoreBackend } from '../../../src/store/backend/StoreBackend.ts'
import { countingWrites } from './countingWrites.ts'

/** The same backend, whose transactions refuse each write after the first `writes`. */
export function failAfter(backend: StoreBackend, writes: () => number): StoreBackend {
  return {
    transact: (mode, work) =>
      backend.transact(mode, (transaction) => {
        let left = writes()
        const count = () => {
          if (left-- <= 0) throw new Error('no more writes')
        }
        return work(countingWrites(transaction, count))
      }),
    close: () => backend.close(),
  }
}

import type { StoreBackend } from '../../../src/store/backend/StoreBackend.ts'
import { countingWrites } from './countingWrites.ts'

/**
 * Where a process ends: before a write, before a transaction begins, or when one is through and
 * nobody was told.
 */
export type CrashPoint = 'write' | 'transaction' | 'answer'

/** A backend in a process that has ended or not. */
export interface CrashingBackend extends StoreBackend {
  readonly crashed: boolean
}

/**
 * The same backend in a process that ends: at point number `at` (from 0 on) of a kind, and all is
 * refused from then on.
 */
export function crashing(backend: StoreBackend, point: CrashPoint, at: number): CrashingBackend {
  let passed = 0
  let crashed = false
  const pass = (reached: CrashPoint) => {
    if (reached === point && passed++ === at) crashed = true
    if (crashed) throw new Error(`crashed at ${point} ${at}`)
  }
  return {
    get crashed() {
      return crashed
    },
    async transact(mode, work) {
      if (mode === 'readonly') return backend.transact(mode, work)
      pass('transaction')
      const result = await backend.transact(mode, (transaction) =>
        work(countingWrites(transaction, () => pass('write'))),
      )
      pass('answer')
      return result
    },
    close: () => backend.close(),
  }
}

import type { StoreBackend } from '../../../src/store/backend/StoreBackend.ts'
import { StoreFailedError } from '../../../src/store/errors.ts'

/**
 * What becomes of a transaction that writes.
 *
 * - `fails`: it does, and is not written; those after it are
 * - `hangs`: it is not written, and it and all that come after it never end
 * - `dies`: it is written, and neither it nor any other ever ends
 */
export type Death = 'fails' | 'hangs' | 'dies'

/** The same database, which meets its death at write transaction number `at` (from 1 on). */
export function dyingBackend(
  backend: StoreBackend,
  death: Death,
  at: number,
): { backend: StoreBackend; dead: Promise<void> } {
  let writes = 0
  let isDead = false
  let die: () => void = () => {}
  const dead = new Promise<void>((resolve) => {
    die = () => {
      isDead = true
      resolve()
    }
  })
  const never = () => new Promise<never>(() => {})
  return {
    dead,
    backend: {
      async transact(mode, work) {
        if (isDead && death !== 'fails') return never()
        if (mode === 'readonly' || ++writes !== at) return backend.transact(mode, work)
        if (death === 'dies') await backend.transact(mode, work)
        die()
        if (death === 'fails') throw new StoreFailedError(`write ${at} of the test`)
        return never()
      },
      close: () => backend.close(),
    },
  }
}

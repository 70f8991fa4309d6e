import { afterAll, beforeAll } from 'vitest'
import { HEAL_LIMIT } from '../../../src/sync/heal/choice/isFar.ts'

const { share } = HEAL_LIMIT

/** In this file all states are healed, however far they are. */
export function alwaysHeal(): void {
  beforeAll(() => {
    HEAL_LIMIT.share = Number.POSITIVE_INFINITY
  })
  afterAll(() => {
    HEAL_LIMIT.share = share
  })
}

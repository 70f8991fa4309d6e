import type { SeededRandom } from '../../src/served/changing/SeededRandom.ts'

/** Who chooses the roots. */
export type DriverKind = 'swap' | 'fetch' | 'follow'

/** What may happen while a sync runs. */
export type Disturbance =
  /** Blocks are made; who follows headers is told. */
  | 'blocks'
  | 'reorg'
  /**
   * Another root becomes the target: the newest, an earlier one, a strange one, two in a row, the
   * same again.
   */
  | 'newest'
  | 'earlier'
  | 'strange'
  | 'twice'
  | 'again'
  | 'join'
  | 'drop'
  /** The process ends, and another begins. */
  | 'crash'
  /** The same, and a bit of the journal flips. */
  | 'damage'
  /** The disk is full for a moment. */
  | 'refuse'
  | 'wait'

const WEIGHTS: Readonly<Record<Disturbance, number>> = {
  ...{ blocks: 4, reorg: 1, newest: 7, earlier: 2, strange: 2, twice: 1, again: 1 },
  ...{ join: 3, drop: 2, crash: 3, damage: 1, refuse: 1, wait: 2 },
}

const LOTS = Object.entries(WEIGHTS).flatMap(([kind, weight]) => {
  return new Array<Disturbance>(weight).fill(kind as Disturbance)
})

/** What a run is like, drawn from its seed. */
export interface Plan {
  driver: DriverKind
  /**
   * Each after so many things have happened, requests and writes, or after so many milliseconds.
   */
  disturbances: { kind: Disturbance; happenings: number; ms: number }[]
  /** Those that are there in the beginning. */
  peers: number
  requestTimeoutMs: number
  writeMs: number
  readMs: number
  /**
   * Whether a root is downloaded over what is stored however little differs; else all states are
   * too small for it.
   */
  alwaysFar: boolean
  pivotDistance: number
  maxPivotAge: number
}

export function drawPlan(random: SeededRandom): Plan {
  const pivotDistance = 1 + random.below(5)
  return {
    driver: random.pick(['swap', 'fetch', 'follow']),
    disturbances: Array.from({ length: random.below(14) }, () => ({
      kind: random.pick(LOTS),
      happenings: 1 + random.below(80),
      ms: 50 + random.below(5_000),
    })),
    peers: 1 + random.below(5),
    requestTimeoutMs: random.pick([2_000, 8_000, 20_000]),
    writeMs: random.pick([0, 3, 20, 300]),
    readMs: random.pick([0, 0, 0, 3]),
    pivotDistance,
    maxPivotAge: pivotDistance + 1 + random.below(6),
    alwaysFar: random.below(3) === 0,
  }
}

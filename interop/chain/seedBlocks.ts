import { create, destroy, sprinkle, write } from './actions.ts'
import {
  CODED,
  COPIES,
  type Contract,
  FIRST_SMALL,
  LARGE,
  MIDDLE,
  SIZES,
  SMALL,
} from './population.ts'
import type { Action } from './Wallet.ts'

/**
 * What the blocks of the seed chain do, block by block: all kinds of change that a state can have.
 */
export function seedBlocks(): Action[][] {
  const { sprinkled, sprinkledSeed, small, middleSlots, largeSlots } = SIZES
  return [
    steps(0, sprinkled, 1_000).map(([from, to]) => sprinkle(from, to, sprinkledSeed)),
    [LARGE, ...MIDDLE].map(({ salt, init }) => create(salt, 1, init)),
    steps(0, small, 100).map(([from, to]) => create(FIRST_SMALL + from, to - from, SMALL[0]!.init)),
    CODED.filter((_, index) => index % COPIES === 0).map(({ salt, init }) =>
      create(salt, COPIES, init),
    ),
    ...steps(0, largeSlots, 14_000).map(([from, to]) =>
      steps(from, to, 3_500).map(([from, to]) => write(LARGE.address, from, to, 7)),
    ),
    MIDDLE.slice(0, 5).map(({ address }, index) => write(address, 0, middleSlots, 10 + index)),
    MIDDLE.slice(5).map(({ address }, index) => write(address, 0, middleSlots, 20 + index)),
    // Contracts that go, one of them with 4,000 slots; storage that empties; slots that change.
    [
      ...SMALL.slice(0, 60).map(({ address }) => destroy(address)),
      destroy(MIDDLE[0]!.address),
      write(MIDDLE[1]!.address, 0, middleSlots, 0),
      write(LARGE.address, 20_000, 21_000, 8),
      write(LARGE.address, 40_000, 40_500, 0),
    ],
    // Some of them come back, as new contracts at the old addresses.
    [
      ...SMALL.slice(0, 20).map(({ salt, init }) => create(salt, 1, init)),
      create(MIDDLE[0]!.salt, 1, MIDDLE[0]!.init),
    ],
    [write(MIDDLE[0]!.address, 3_000, 3_500, 9), write(MIDDLE[1]!.address, 0, 1, 9)],
    [write(MIDDLE[1]!.address, 0, 1, 0), ...SMALL.slice(60, 90).map(empty)],
  ]
}

/** A contract whose storage is gone, while it stays. */
function empty({ address }: Contract): Action {
  return write(address, 0, 15, 0)
}

/** The ranges of at most `size` that make up one. */
function steps(from: number, to: number, size: number): [from: number, to: number][] {
  const ranges: [number, number][] = []
  for (let start = from; start < to; start += size) ranges.push([start, Math.min(start + size, to)])
  return ranges
}

import { SeededRandom } from '../../src/served/changing/SeededRandom.ts'
import { create, destroy, pay, sprinkle, write } from './actions.ts'
import { cellCode, createdAddress, initCode, sprinkledAddress } from './contracts.ts'
import { LARGE, MIDDLE, SIZES, SMALL } from './population.ts'
import type { Action } from './Wallet.ts'

/** Blocks after which a contract that was made along the way is destroyed again. */
const LIFE = 3

/** What becomes of small contracts in later blocks; the rest of them stays as it is. */
const SHAKY = SMALL.slice(100, 400)

/**
 * What a block after the seed chain does: some of each kind of change, to small and large
 * contracts, to old and new accounts.
 *
 * @param number of the block
 * @param branch blocks of one number and different branches do different things
 */
export function traffic(number: number, branch = 0): Action[] {
  const random = new SeededRandom(number * 1_000 + branch)
  const old = () => sprinkledAddress(random.below(SIZES.sprinkled), SIZES.sprinkledSeed)
  const large = random.below(SIZES.largeSlots - 100)
  const emptied = random.below(SIZES.largeSlots - 100)
  const middle = random.pick(MIDDLE.slice(2))
  const slot = random.below(SIZES.middleSlots - 20)
  const shaky = random.pick(SHAKY)
  const born = passing(number, branch)
  const gone = passing(number - LIFE, branch)
  return [
    ...[pay(old(), 1 + random.below(1_000)), pay(old(), 1 + random.below(1_000))],
    sprinkle(0, 5, number * 1_000 + branch + 100),
    write(LARGE.address, large, large + 40, number + 1),
    write(LARGE.address, emptied, emptied + 20, 0),
    write(middle.address, slot, slot + 15, number + 1),
    write(random.pick(SHAKY).address, 0, 15, random.below(2) * number),
    // Gone in one block, back in another one, sometimes at once.
    destroy(shaky.address),
    create(random.pick(SHAKY).salt, 1, shaky.init),
    create(born.salt, 1, born.init),
    write(createdAddress(born.salt, born.init), 0, 30, number + 1),
    destroy(createdAddress(gone.salt, gone.init)),
  ]
}

/** A contract with a code of its own that lives for a few blocks. */
function passing(number: number, branch: number) {
  const code = new SeededRandom(number + branch).below(5_000)
  return { salt: 1_000_000 + number, init: initCode(cellCode(1_000 + number, 100 + code), true) }
}

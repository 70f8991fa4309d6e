import { compareBytes } from '../../../src/base/bytes/compareBytes.ts'
import { toHex } from '../../../src/base/bytes/hex.ts'
import type { AccountEntry } from '../../../src/served/AccountEntry.ts'
import { keyNear } from '../../../src/served/changing/blocks/keyNear.ts'
import type { SeededRandom } from '../../../src/served/changing/SeededRandom.ts'

type HashedStorage = NonNullable<AccountEntry['hashedStorage']>

/** Nibbles that account hashes may share at most, see `StateDraft`. */
const LAST_FORK = 62

/**
 * A state to begin with: few accounts, and everything that is handled in a way of its own often.
 */
export function simulatedAccounts(random: SeededRandom): AccountEntry[] {
  const library = Array.from({ length: 5 }, () => random.bytes(1 + random.below(400)))
  const count = random.below(8) === 0 ? 80 + random.below(71) : 20 + random.below(40)
  let large = 1 + random.below(2)
  const entries: AccountEntry[] = []
  for (let index = 0; index < count; index++) {
    const hash = newHash(random, entries)
    const entry: AccountEntry = {
      name: toHex(hash),
      hash,
      balance: BigInt(random.below(2 ** 31)),
      nonce: BigInt(random.below(3)),
      code: random.below(3) === 0 ? random.pick(library) : new Uint8Array(),
      storage: [],
    }
    if (random.below(5) < 2) entry.hashedStorage = someStorage(random, entries, large-- > 0)
    entries.push(entry)
  }
  return entries
}

function newHash(random: SeededRandom, others: readonly AccountEntry[]): Uint8Array {
  for (;;) {
    const isNear = others.length > 0 && random.below(4) === 0
    const hash = isNear ? keyNear(random, random.pick(others).hash, LAST_FORK) : random.bytes(32)
    if (!others.some((other) => compareBytes(other.hash, hash) === 0)) return hash
  }
}

function someStorage(
  random: SeededRandom,
  others: readonly AccountEntry[],
  large: boolean,
): HashedStorage {
  if (large) return slots(random, 30 + random.below(60), random.below(2) === 0)
  // Copies of one contract share their storage.
  const model = others.length > 0 && random.below(3) === 0 ? random.pick(others) : undefined
  return model?.hashedStorage ?? slots(random, 1 + random.below(6), false)
}

/**
 * @param dense whether the first slots lie so close together that thousands are thought to follow,
 *   for several chunks
 */
function slots(random: SeededRandom, count: number, dense: boolean): HashedStorage {
  return Array.from({ length: count }, (_, index) => {
    const hash = random.bytes(32)
    if (dense && index < count / 3) hash.fill(0, 0, 2)
    return [hash, 1n + BigInt(random.below(200))] as const
  })
}

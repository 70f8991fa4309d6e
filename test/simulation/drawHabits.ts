import type { SeededRandom } from '../../src/served/changing/SeededRandom.ts'
import type { SnapRequest } from '../../src/snap/SnapMessage.ts'
import { LIES, type Lie } from '../support/peers/lies.ts'
import { NODE_LIES } from './world/nodeLies.ts'
import type { SimulatedChain } from './world/SimulatedChain.ts'
import type { PeerHabits } from './world/SimulatedPeer.ts'

const REQUEST_KINDS: readonly SnapRequest['kind'][] = [
  ...(['GetAccountRange', 'GetStorageRanges', 'GetByteCodes', 'GetTrieNodes'] as const),
]

/** What a peer is like: most are honest, and few have everything. */
export function drawHabits(random: SeededRandom, name: string, chain: SimulatedChain): PeerHabits {
  const least = random.pick([1, 20, 150])
  const lies = random.below(3) === 0
  const some = (share: number) => new Set(REQUEST_KINDS.filter(() => random.below(share) === 0))
  const isPartial = random.below(4) === 0
  return {
    name: lies ? `liar-${name}` : name,
    latencyMs: [least, least * random.pick([1, 3, 20])],
    loss: random.pick([0, 0, 20, 200]),
    answerBytes: drawAnswerBytes(random),
    silent: isPartial && random.below(2) === 0 ? some(2) : new Set(),
    bare: isPartial ? some(2) : new Set(),
    serves: drawStaleness(random, chain),
    lies: lies ? drawLies(random) : [],
  }
}

/** A peer that has everything, always, and is in no hurry. */
export function soundHabits(random: SeededRandom): PeerHabits {
  return {
    ...{ name: 'sound', latencyMs: [5, 5 + random.below(200)], loss: 0, lies: [] },
    ...{ silent: new Set(), bare: new Set(), serves: () => true },
    answerBytes: drawAnswerBytes(random),
  }
}

function drawAnswerBytes(random: SeededRandom): number {
  return random.pick([300, 700, 1500, 3000])
}

/**
 * Which roots a peer serves: all, the newest of a number of blocks, only old ones, or some for no
 * reason at all.
 */
function drawStaleness(random: SeededRandom, chain: SimulatedChain): PeerHabits['serves'] {
  const depth = 1 + random.below(12)
  const lag = random.pick([0, 0, 0, 1 + random.below(3)])
  const salt = random.below(256)
  switch (random.below(6)) {
    case 0:
      return () => true
    case 1:
      return (root) => (root[0]! ^ salt) % 3 !== 0
    default:
      return (root) => {
        const age = chain.age(root)
        return age >= lag && age < lag + depth
      }
  }
}

/**
 * Half of the liars are honest until something is healed, which is asked for least; the others lie
 * in any way.
 */
function drawLies(random: SeededRandom): Lie[] {
  if (random.below(2) === 0) return [random.pick(NODE_LIES)]
  // There are many more lies about ranges than about codes.
  const codes = [...new Set(LIES.map(({ code }) => code))]
  const code = random.pick(codes)
  return [random.pick(LIES.filter((lie) => lie.code === code)), random.pick(LIES)]
}

import { decodeAccount } from '../../src/account/accountCodec.ts'
import { emptyCodeHash } from '../../src/account/emptyHashes.ts'
import { slimAccount } from '../../src/account/slimAccount.ts'
import { compareBytes } from '../../src/base/bytes/compareBytes.ts'
import { toHex } from '../../src/base/bytes/hex.ts'
import { sharedBits } from '../../src/base/bytes/sharedBits.ts'
import { UnknownRootError } from '../../src/served/errors.ts'
import type { StateSource } from '../../src/served/StateSource.ts'
import { MemoryTrie } from '../../src/trie/memory/MemoryTrie.ts'
import { bytesToNibbles } from '../../src/trie/nibbles.ts'
import type { RuleAccount, RuleState } from './RuleState.ts'

export interface DescribeOptions {
  /**
   * Bytes that the server in question aims at. @default 2 MiB, go-ethereum's limit; a bridge aims
   * at 512 KiB
   */
  mostBytes?: number
  /** The root of the oldest state that the server must have besides; `source` has it too. */
  oldestRoot?: Uint8Array
  /** The root of a state that the server no longer has. */
  staleRoot?: Uint8Array
}

/**
 * Of a contract that is to fit into any answer: a slot takes up to 65 bytes, and a bridge's answer
 * aims at 512 KiB.
 */
const MOST_SLOTS = 2000

const FIRST = /* @__PURE__ */ new Uint8Array(32)

/**
 * Describes a state for rules, from a source that is right.
 *
 * @param source where the truth comes from: not what is put to the test
 * @throws {UnknownRootError} when the source does not have the state
 */
export function describeState(
  source: StateSource,
  root: Uint8Array,
  options: DescribeOptions = {},
): RuleState {
  const { mostBytes = 2 * 1024 * 1024, oldestRoot, staleRoot } = options
  const state = source.state(root)
  if (state === undefined) throw new UnknownRootError(root)
  const codes = new Map<string, { hash: Uint8Array; code: Uint8Array }>()
  const noStorage = MemoryTrie.from([])
  const sorted = [...state.accounts.leaves(FIRST)].map(([hash, full]): RuleAccount => {
    const { codeHash } = decodeAccount(full)
    const code = source.code(codeHash)
    const isEmpty = compareBytes(codeHash, emptyCodeHash()) === 0
    if (code !== undefined && !isEmpty) codes.set(toHex(codeHash), { hash: codeHash, code })
    const storage = state.storage(hash) ?? noStorage
    return { hash, slim: slimAccount(full), full, storage, slots: [...storage.leaves(FIRST)] }
  })

  const contracts = sorted
    .filter(({ slots }) => slots.length > 0)
    .sort((a, b) => a.slots.length - b.slots.length)
  const large = contracts.findLast(({ slots }) => slots.length >= 3 && slots.length <= MOST_SLOTS)
  const largest = contracts.at(-1)
  const embedding = contracts.map(findEmbedded).find((found) => found !== undefined)
  const small = contracts.find((account) => account !== large && account !== embedding?.account)
  const plain = sorted.find(({ slots }) => slots.length === 0)
  return {
    ...{ root, accounts: state.accounts, sorted, codes: [...codes.values()], mostBytes },
    ...(largest && { largest }),
    ...(large && { large }),
    ...(small && { small }),
    ...(plain && { plain }),
    ...(embedding && { embedding }),
    ...(oldestRoot && { oldest: describeState(source, oldestRoot, { mostBytes }) }),
    ...(staleRoot && { staleRoot }),
  }
}

/**
 * A leaf is part of the branch above when both have so much in common that what is left of its key
 * is short: at least nine nibbles. Then it hangs just below them.
 */
function findEmbedded(account: RuleAccount): RuleState['embedding'] {
  const { slots, storage } = account
  for (const [index, [slot]] of slots.entries()) {
    const next = slots[index + 1]
    const shared = next === undefined ? 0 : Math.floor(sharedBits(slot, next[0]) / 4)
    const path = bytesToNibbles(slot).subarray(0, shared + 1)
    if (shared >= 9 && storage.node(path) === 'embedded') return { account, path }
  }
  return undefined
}

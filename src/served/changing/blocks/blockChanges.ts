import { emptyCodeHash } from '../../../account/emptyHashes.ts'
import { MemoryTrie } from '../../../trie/memory/MemoryTrie.ts'
import type { AccountContents, MemoryAccount } from '../../AccountContents.ts'
import { SeededRandom } from '../SeededRandom.ts'
import { changeSlots } from './changeSlots.ts'
import type { StateDraft } from './StateDraft.ts'

/** What may happen to an account in a block. */
export type ChangeKind =
  /** Another balance and nonce. */
  | 'pay'
  /** A new plain account. */
  | 'create'
  /** A new contract. */
  | 'deploy'
  /** An account goes, with all that it has. */
  | 'vanish'
  /** Slots are set, changed and zeroed. */
  | 'store'
  /** All slots are zeroed. */
  | 'empty'
  /** An account without storage gets some. */
  | 'fill'
  /** Other code, or none. */
  | 'recode'
  /** The storage of another account, and sometimes its code. */
  | 'copy'

/** Different codes that blocks bring, over all of time: code is kept for ever. */
const CODES = 4096

const SLOTS = 8

type Change = (draft: StateDraft, random: SeededRandom, near: number) => void

const hasStorage = ({ storage }: MemoryAccount) => storage.count > 0

/** Each does nothing where it meets no account that it could change. */
export const BLOCK_CHANGES: Readonly<Record<ChangeKind, Change>> = {
  pay(draft, random) {
    change(draft, draft.pick(), ({ nonce }) => ({ nonce: nonce + 1n, balance: wei(random) }))
  },
  create(draft, random, near) {
    draft.put(draft.newHash(near), newAccount(draft, random))
  },
  deploy(draft, random, near) {
    const account = newAccount(draft, random)
    draft.put(draft.newHash(near), {
      ...account,
      codeHash: someCode(draft.contents, random),
      storage: changeSlots(random, account.storage, 4 * SLOTS, near),
    })
  },
  vanish(draft) {
    const gone = draft.pick()
    if (gone !== undefined) draft.remove(gone.hash)
  },
  store(draft, random, near) {
    change(draft, draft.pick(hasStorage), ({ storage }) => {
      return { storage: changeSlots(random, storage, SLOTS, near) }
    })
  },
  empty(draft) {
    change(draft, draft.pick(hasStorage), () => ({ storage: noStorage(draft) }))
  },
  fill(draft, random, near) {
    const bare = draft.pick((account) => !hasStorage(account))
    change(draft, bare, ({ storage }) => {
      return { storage: changeSlots(random, storage, SLOTS, near) }
    })
  },
  recode(draft, random) {
    change(draft, draft.pick(), () => ({
      codeHash: random.below(4) === 0 ? emptyCodeHash() : someCode(draft.contents, random),
    }))
  },
  copy(draft, random) {
    const model = draft.pick(hasStorage)
    if (model === undefined) return
    const { storage, codeHash } = model.account
    change(draft, draft.pick(), () => ({ storage, ...(random.below(2) === 0 && { codeHash }) }))
  },
}

function change(
  draft: StateDraft,
  found: ReturnType<StateDraft['pick']>,
  to: (account: MemoryAccount) => Partial<MemoryAccount>,
): void {
  if (found !== undefined) draft.put(found.hash, { ...found.account, ...to(found.account) })
}

function newAccount(draft: StateDraft, random: SeededRandom): MemoryAccount {
  return {
    nonce: BigInt(random.below(3)),
    balance: wei(random),
    storage: noStorage(draft),
    codeHash: emptyCodeHash(),
  }
}

function noStorage({ contents }: StateDraft): MemoryTrie {
  return MemoryTrie.from([], contents.keccak256)
}

function wei(random: SeededRandom): bigint {
  return BigInt(random.below(2 ** 31)) * 10n ** BigInt(random.below(18))
}

function someCode(contents: AccountContents, random: SeededRandom): Uint8Array {
  const code = new SeededRandom(random.below(CODES))
  return contents.addCode(code.bytes(1 + code.below(200)))
}

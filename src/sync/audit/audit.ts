import { bytesToHex, concatBytes } from '@noble/hashes/utils.js'
import { AccountEncodingError } from '../../account/errors.ts'
import { expandSlimAccounts } from '../../account/expandSlimAccounts.ts'
import type { FoundContract } from '../../account/FoundContract.ts'
import { findContracts } from '../../account/findContracts.ts'
import { compareBytes } from '../../base/bytes/compareBytes.ts'
import { FIRST_HASH, nextHash } from '../../base/bytes/hash32.ts'
import { toHex } from '../../base/bytes/hex.ts'
import { LeafOrderError } from '../../leaves/errors.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey, lowerBound, sliceLeaves } from '../../leaves/Leaves.ts'
import { unprefixLeaves } from '../../leaves/prefixLeaves.ts'
import type { StateView } from '../../store/StateView.ts'
import type { DerivedTrie } from '../../trie/derived/DerivedTrie.ts'
import type { RootBuilder, Verifier } from '../../verifier/Verifier.ts'
import { SyncCancelledError } from '../loop/errors.ts'
import type { AuditReport } from './AuditReport.ts'
import { auditCode } from './auditCode.ts'
import { AuditError } from './errors.ts'

export interface AuditOptions {
  signal?: AbortSignal | undefined
  /** Called after each page with the leaves and codes checked so far, and waited for. */
  onChecked?: (checked: number) => unknown
  /**
   * A trie of the view's accounts that is still unread. The root is then computed in it, at the
   * same cost, and its nodes can be asked for afterwards without another pass.
   */
  accounts?: DerivedTrie
}

/**
 * Recomputes a whole state from what is stored: the state root from the accounts, each contract's
 * storage root from its slots, each code hash from the code.
 *
 * One pass over each table, side by side; memory for some pages, for 4,096 contracts, and for the
 * hashes of the codes.
 *
 * @param root what the state root must be, 32 bytes
 * @throws {AuditError} at the first difference, naming it
 * @throws {SyncCancelledError} when `signal` aborts
 */
export async function audit(
  view: StateView,
  verifier: Verifier,
  root: Uint8Array,
  options: AuditOptions = {},
): Promise<AuditReport> {
  try {
    return await recompute(view, verifier, root, options)
  } catch (cause) {
    // Leaves that are no accounts, or that cannot stand in a trie.
    if (!(cause instanceof AccountEncodingError || cause instanceof LeafOrderError)) throw cause
    throw new AuditError(cause.message, { cause })
  }
}

async function recompute(
  view: StateView,
  verifier: Verifier,
  root: Uint8Array,
  options: AuditOptions,
): Promise<AuditReport> {
  let checked = 0
  const step: Step = async (leaves) => {
    if (options.signal?.aborted) throw new SyncCancelledError()
    checked += leaves
    await options.onChecked?.(checked)
  }

  let contracts: FoundContract[] = []
  const codes = new Set<string>()
  let slots = 0
  let from: Uint8Array | undefined = FIRST_HASH
  /** Checks what hangs below the contracts so far, which are all before `end`. */
  const below = async (end?: Uint8Array) => {
    const range = { from: from!, end }
    slots += await auditStorage(view, verifier, contracts, range, step)
    await auditCodes(view, contracts, codes, step)
    contracts = []
    from = end
  }
  const builder = verifier.rootBuilder()
  const version = options.accounts?.version ?? 0
  let accounts = 0
  for await (const leaves of view.accounts()) {
    if (options.accounts !== undefined) await options.accounts.take(leaves, version)
    else builder.add(expandSlimAccounts(leaves))
    contracts.push(...findContracts(leaves))
    accounts += leaves.count
    await step(leaves.count)
    const next = nextHash(leafKey(leaves, leaves.count - 1))
    if (contracts.length >= CONTRACTS_AT_ONCE && next) await below(next)
  }
  const computed = options.accounts ? await options.accounts.root() : builder.root()
  if (compareBytes(computed, root) !== 0) {
    throw new AuditError(`the accounts' root is ${toHex(computed)}, expected ${toHex(root)}`)
  }
  await below()
  return { root: toHex(computed), accounts, slots, codes: codes.size }
}

type Step = (checked: number) => Promise<void>

/** Contracts whose storage is checked in one go: they take 200 bytes each. */
const CONTRACTS_AT_ONCE = 4096

/**
 * Walks slots and contracts side by side, both in ascending order of account hash: those of the
 * accounts of a stretch.
 */
async function auditStorage(
  view: StateView,
  verifier: Verifier,
  contracts: readonly FoundContract[],
  { from, end }: { from: Uint8Array; end: Uint8Array | undefined },
  step: Step,
): Promise<number> {
  const last = end && concatBytes(end, FIRST_HASH)
  const expected = contracts.filter(({ storageRoot }) => storageRoot !== undefined)
  let place = 0
  /** Of the contract at `place`; its slots may continue in the next page. */
  let open: RootBuilder | undefined
  let slots = 0

  const check = (computed: Uint8Array | undefined) => {
    const { accountHash, storageRoot } = expected[place++]!
    if (computed !== undefined && compareBytes(computed, storageRoot!) === 0) return
    const found =
      computed === undefined ? 'no slots are stored' : `the slots' root is ${toHex(computed)}`
    throw new AuditError(
      `${found} for account ${toHex(accountHash)}, expected ${toHex(storageRoot!)}`,
    )
  }
  const finish = () => {
    const computed = open?.root()
    open = undefined
    check(computed)
  }
  /** Moves to the contract with these slots. */
  const reach = (account: Uint8Array) => {
    while (place < expected.length && compareBytes(expected[place]!.accountHash, account) < 0)
      finish()
    const contract = expected[place]
    if (contract === undefined || compareBytes(contract.accountHash, account) !== 0) {
      throw new AuditError(`slots are stored for account ${toHex(account)}, which has no storage`)
    }
  }

  for await (const page of view.slots(concatBytes(from, FIRST_HASH))) {
    const leaves = sliceLeaves(page, 0, last ? lowerBound(page, last) : page.count)
    if (leaves.count === 0) break
    const runs = [...accountRuns(leaves)]
    const accountOf = ({ from }: { from: number }) => leafKey(leaves, from).subarray(0, 32)
    const [head, tail] = [runs[0]!, runs.at(-1)!]
    const add = ({ from, to }: { from: number; to: number }) => {
      open ??= verifier.rootBuilder()
      open.add(unprefixLeaves(leaves, from, to, 32))
    }
    reach(accountOf(head))
    // Only slots of its first account may have begun before, and only slots of its last may follow
    // in the next.
    add(head)
    const whole = runs.slice(1, -1)
    if (whole.length > 0) {
      finish()
      const counts = whole.map(({ from, to }) => to - from)
      const roots = verifier.storageRoots(sliceLeaves(leaves, head.to, tail.from), counts)
      whole.forEach((run, index) => {
        reach(accountOf(run))
        check(roots.subarray(32 * index, 32 * index + 32))
      })
    }
    if (tail !== head) {
      reach(accountOf(tail))
      add(tail)
    }
    slots += leaves.count
    await step(leaves.count)
    if (leaves.count < page.count) break
  }
  while (place < expected.length) finish()
  return slots
}

/** Stretches of neighbouring slots that belong to one account. */
function* accountRuns(leaves: Leaves): Iterable<{ from: number; to: number }> {
  const { keys, keySize, count } = leaves
  let from = 0
  for (let to = 1; to <= count; to++) {
    let at = 0
    if (to < count) {
      while (at < 32 && keys[from * keySize + at] === keys[to * keySize + at]) at++
    }
    if (at === 32) continue
    yield { from, to }
    from = to
  }
}

async function auditCodes(
  view: StateView,
  contracts: readonly FoundContract[],
  seen: Set<string>,
  step: Step,
): Promise<void> {
  for (const { accountHash, codeHash } of contracts) {
    if (codeHash === undefined) continue
    const hex = bytesToHex(codeHash)
    if (seen.has(hex)) continue
    seen.add(hex)
    await auditCode(view, codeHash, accountHash)
    await step(1)
  }
}

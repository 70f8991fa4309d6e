import { CambiumError } from '../../../base/CambiumError.ts'
import type { Leaves } from '../../../leaves/Leaves.ts'
import { createVerifier } from '../../../verifier/createVerifier.ts'
import type { SlotsClaim, Verifier, VerifierBuild } from '../../../verifier/Verifier.ts'
import type { AnswerFrame } from '../../AnswerFrame.ts'
import { decodeMessage, decodeMessageHead } from '../../decodeMessage.ts'
import type { AccountRange, StorageRanges } from '../../SnapMessage.ts'
import { verifyAccounts } from '../verifyAccounts.ts'
import { verifySlots } from '../verifySlots.ts'
import { packContracts } from './packContracts.ts'
import type { VerifiedAnswer, VerifierMessage, VerifierQuestion } from './verifierMessages.ts'

/**
 * Proves for the engine at the other end of a port, one answer after the other, until the port is
 * closed.
 *
 * @param build that of the engine's verifier, where the app chose one
 */
export async function serveVerifier(port: MessagePort, build?: VerifierBuild): Promise<void> {
  const post = (message: VerifierMessage, transfer: Transferable[] = []) => {
    port.postMessage(message, transfer)
  }
  const fail = (error: unknown) => post({ type: 'failed', reason: String(error) })
  let verifier: Verifier
  try {
    // What a policy forbids here it forbids in the engine too, which tells of it.
    verifier = await createVerifier(build === undefined ? {} : { build })
  } catch (error) {
    return fail(error)
  }
  port.addEventListener('message', ({ data }: MessageEvent<VerifierQuestion>) => {
    try {
      const verified = prove(data, verifier)
      post({ type: 'answer', id: data.id, verified }, verified && buffersOf(verified))
    } catch (error) {
      // The engine finds the words for it.
      if (error instanceof CambiumError) post({ type: 'answer', id: data.id, verified: undefined })
      else fail(error)
    }
  })
  port.start()
  post({ type: 'ready', lock: await holdLock() })
}

/**
 * Takes a lock of this thread's own for as long as it lives. @returns its name; `undefined` where
 * there are no locks
 */
function holdLock(): Promise<string | undefined> {
  // Absent in Node before 24, and outside of secure contexts.
  const locks: LockManager | undefined = globalThis.navigator?.locks
  if (locks === undefined) return Promise.resolve(undefined)
  const name = `cambium-verifier ${crypto.getRandomValues(new BigUint64Array(2)).join('-')}`
  return new Promise((resolve) => {
    const hold = () => {
      resolve(name)
      return new Promise<never>(() => {})
    }
    // Without it, its end is noticed later.
    locks.request(name, hold).catch(() => resolve(undefined))
  })
}

/** @throws what `verifyAccounts` and `verifySlots` throw */
function prove(
  { frame, claim, chunk }: VerifierQuestion,
  verifier: Verifier,
): VerifiedAnswer | undefined {
  const { kind, id, fields } = decodeMessageHead(frame)
  const decode = () => decodeMessage(frame)
  const answer = { kind, id, frame, fieldsAt: fields.position, decode }
  if (kind === 'AccountRange') {
    const [root, origin, last] = hashesOf(claim) as [Uint8Array, Uint8Array, Uint8Array]
    const accounts = answer as AnswerFrame<AccountRange>
    const verified = verifyAccounts(accounts, { root, origin, last }, verifier)
    return verified && { ...verified, contracts: packContracts(verified.contracts) }
  }
  const hashes = hashesOf(claim)
  const contracts: SlotsClaim['contracts'][number][] = []
  for (let at = 0; at < hashes.length; at += 2) {
    contracts.push({ accountHash: hashes[at]!, storageRoot: hashes[at + 1]! })
  }
  const [first, last] = chunk === undefined ? [] : hashesOf(chunk)
  const slots = answer as AnswerFrame<StorageRanges>
  return verifySlots(slots, { contracts, chunk: first && last && { first, last } }, verifier)
}

function hashesOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / 32 }, (_, index) => {
    return bytes.subarray(32 * index, 32 * (index + 1))
  })
}

/** The buffers of what was verified, each once. */
function buffersOf(verified: VerifiedAnswer): Transferable[] {
  const { keys, values, offsets }: Leaves =
    'accounts' in verified ? verified.accounts : verified.slots
  const arrays = [keys, values, offsets]
  if ('accounts' in verified) arrays.push(verified.contracts)
  return [...new Set(arrays.map(({ buffer }) => buffer as ArrayBuffer))]
}

import type { Page } from 'playwright-core'
import type { StateSyncHandle } from '../../dist/index.js'
import type { Hex } from '../../src/base/bytes/hex.ts'
import type { JsonRpc } from '../geth/JsonRpc.ts'

/** What to look up in a state. */
export interface Questions {
  accounts: readonly Hex[]
  slots: readonly { address: Hex; slot: Hex }[]
  codes: readonly Hex[]
}

/** An account, or what stands for none: an empty one. */
interface Account {
  balance: string
  nonce: string
  storageRoot: string
  codeHash: string
}

/** What was found, in the order of the questions. */
export interface Answers {
  accounts: Account[]
  slots: string[]
  codes: string[]
}

const NO_ACCOUNT: Account = {
  balance: '0',
  nonce: '0',
  storageRoot: '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421',
  codeHash: '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
}

/** Calls of one request to geth. */
const BATCH = 100

/**
 * Asks the state that is stored in the page's browser, and whether each answer was proven at this
 * root.
 */
export async function askPage(page: Page, stateRoot: Hex, questions: Questions): Promise<Answers> {
  const { accounts, slots, codes, roots } = await page.evaluate(async (questions) => {
    const { handle } = (globalThis as unknown as { cambium: { handle: StateSyncHandle } }).cambium
    const roots = new Set<string>()
    const read = async <Value>(answer: Promise<{ value: Value; stateRoot: string }>) => {
      const { value, stateRoot } = await answer
      roots.add(stateRoot)
      return value
    }
    const accounts: (Account | undefined)[] = []
    for (const address of questions.accounts) {
      const account = await read(handle.getAccount(address))
      const { balance, nonce, storageRoot, codeHash } = account ?? {}
      accounts.push(
        account && {
          ...{ balance: String(balance), nonce: String(nonce) },
          ...{ storageRoot: String(storageRoot), codeHash: String(codeHash) },
        },
      )
    }
    const slots: string[] = []
    for (const { address, slot } of questions.slots) {
      slots.push(await read(handle.getStorage(address, slot)))
    }
    const codes: string[] = []
    for (const address of questions.codes) codes.push(await read(handle.getCode(address)))
    return { accounts, slots, codes, roots: [...roots] }
  }, questions)
  const others = roots.filter((root) => root !== stateRoot)
  if (others.length > 0) throw new Error(`answers were proven at ${others}, not at ${stateRoot}`)
  return { accounts: accounts.map((account) => account ?? NO_ACCOUNT), slots, codes }
}

interface ProofAnswer {
  balance: Hex
  nonce: Hex
  storageHash: Hex
  codeHash: Hex
}

/** Asks geth, in the way that any wallet does. */
export async function askGeth(rpc: JsonRpc, block: Hex, questions: Questions): Promise<Answers> {
  const proofs = await inBatches<ProofAnswer>(
    rpc,
    questions.accounts.map((address) => ['eth_getProof', address, [], block]),
  )
  return {
    accounts: proofs.map(({ balance, nonce, storageHash, codeHash }) => ({
      ...{ balance: String(BigInt(balance)), nonce: String(BigInt(nonce)) },
      // Of an account that does not exist geth tells zeros.
      storageRoot: isZero(storageHash) ? NO_ACCOUNT.storageRoot : storageHash,
      codeHash: isZero(codeHash) ? NO_ACCOUNT.codeHash : codeHash,
    })),
    slots: await inBatches<string>(
      rpc,
      questions.slots.map(({ address, slot }) => ['eth_getStorageAt', address, slot, block]),
    ),
    codes: await inBatches<string>(
      rpc,
      questions.codes.map((address) => ['eth_getCode', address, block]),
    ),
  }
}

function isZero(hash: Hex): boolean {
  return BigInt(hash) === 0n
}

async function inBatches<Result>(
  rpc: JsonRpc,
  calls: [method: string, ...params: unknown[]][],
): Promise<Result[]> {
  const results: Result[] = []
  for (let start = 0; start < calls.length; start += BATCH) {
    results.push(...(await rpc.batch<Result>(calls.slice(start, start + BATCH))))
  }
  return results
}

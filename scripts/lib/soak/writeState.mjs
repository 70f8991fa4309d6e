import { writeFileSync } from 'node:fs'

/**
 * Some megabytes: more than an answer holds, so that clients ask for different parts, and seconds
 * to load.
 */
const SHAPE = { seed: 4, accounts: 15_000, contracts: 0.1, maxSlots: 10_000, codes: 64 }

/**
 * Writes the made-up state that is served, as a geth dump.
 *
 * @param {string} path
 */
export async function writeState(path) {
  const { memoryState, syntheticAccounts } = await import('../../../dist/testing/index.js')
  const { toHex } = await import('../../../dist/base/bytes/hex.js')
  const entries = [...syntheticAccounts(SHAPE)]
  const { stateRoot } = memoryState(entries)
  const accounts = entries.map(({ name, balance, nonce, code, storage }) => [
    name,
    {
      ...{ balance: balance.toString(), nonce: Number(nonce), code: toHex(code) },
      storage: Object.fromEntries(
        storage.map(([slot, value]) => [toHex(slot), value.toString(16).padStart(64, '0')]),
      ),
    },
  ])
  writeFileSync(path, JSON.stringify({ root: stateRoot, accounts: Object.fromEntries(accounts) }))
}

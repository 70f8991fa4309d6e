import { toHex } from '../../src/base/bytes/hex.ts'
import { SeededRandom } from '../../src/served/changing/SeededRandom.ts'
import { GAS_LIMIT } from '../geth/Geth.ts'
import { cellCode, FACTORY, FACTORY_CODE, SPRINKLER, SPRINKLER_CODE } from './contracts.ts'
import { CHAIN_ID, type Wallet } from './Wallet.ts'

const ACCOUNTS = 6_000
const CONTRACTS = 400
const MAX_SLOTS = 40

/** A millionth of all ether would do. */
const RICH = `0x${(10n ** 26n).toString(16)}`

interface GenesisAccount {
  balance: string
  nonce?: string
  code?: string
  storage?: Record<string, string>
}

/**
 * A genesis block after the merge, in the form of geth. Cancun is left out, so that a contract that
 * destroys itself is really gone, with its storage (EIP-6780 ended that).
 *
 * @param wallets that have ether to begin with
 */
export function genesis(wallets: readonly Wallet[]) {
  const random = new SeededRandom(4)
  const alloc: Record<string, GenesisAccount> = {}
  for (let index = 0; index < ACCOUNTS; index++) {
    alloc[toHex(random.bytes(20))] = { balance: String(1 + random.below(1_000_000_000)) }
  }
  const codes = Array.from({ length: 8 }, (_, index) => toHex(cellCode(50 + index, 200 + index)))
  for (let index = 0; index < CONTRACTS; index++) {
    const slots = Array.from({ length: random.below(MAX_SLOTS) }, (_, slot) => [
      `0x${slot.toString(16).padStart(64, '0')}`,
      `0x${'00'.repeat(8)}${toHex(random.bytes(24)).slice(2)}`,
    ])
    alloc[toHex(random.bytes(20))] = {
      ...{ balance: '0', nonce: '1', code: random.pick(codes) },
      storage: Object.fromEntries(slots),
    }
  }
  alloc[SPRINKLER] = { balance: '0', nonce: '1', code: toHex(SPRINKLER_CODE) }
  alloc[FACTORY] = { balance: '0', nonce: '1', code: toHex(FACTORY_CODE) }
  for (const { address } of wallets) alloc[address] = { balance: RICH }
  const blocks = [
    ...['homestead', 'eip150', 'eip155', 'eip158', 'byzantium', 'constantinople', 'petersburg'],
    ...['istanbul', 'berlin', 'london'],
  ].map((fork) => [`${fork}Block`, 0])
  return {
    config: {
      ...{ chainId: CHAIN_ID, ...Object.fromEntries(blocks) },
      ...{ terminalTotalDifficulty: 0, shanghaiTime: 0 },
    },
    ...{ difficulty: '0x0', nonce: '0x0', timestamp: '0x65000000', extraData: '0x' },
    ...{ gasLimit: `0x${GAS_LIMIT.toString(16)}`, baseFeePerGas: '0x7', alloc },
  }
}

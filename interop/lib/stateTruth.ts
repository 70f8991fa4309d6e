import type { Hex } from '../../src/base/bytes/hex.ts'
import type { JsonRpc } from '../geth/JsonRpc.ts'

/** An account as geth dumps it. */
interface DumpedAccount {
  address: Hex
  codeHash: Hex
  /** By slot; slots that are zero are left out. */
  storage?: Record<Hex, string>
}

interface Dump {
  accounts: Record<string, DumpedAccount>
  /** Where the next part begins. */
  next?: Hex
}

/** All that geth says to be in the state of a block. */
export interface StateTruth {
  accounts: Hex[]
  /** Of all contracts. */
  slots: { address: Hex; slot: Hex }[]
  contracts: Hex[]
  /** How many different codes these have. */
  codes: number
}

/** Of no code. */
const EMPTY_CODE = '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470'

/** What geth gives at once. */
const PAGE = 256

/** Reads what there is in the state of a block from geth, which must remember preimages. */
export async function stateTruth(rpc: JsonRpc, block: Hex): Promise<StateTruth> {
  const truth: StateTruth = { accounts: [], slots: [], contracts: [], codes: 0 }
  const codes = new Set<Hex>()
  for (let start: Hex | undefined = '0x'; start !== undefined; ) {
    // Without code, with storage, and also what geth has no preimage of: the count would be wrong,
    // instead of right by chance.
    const dump: Dump = await rpc.call('debug_accountRange', block, start, PAGE, true, false, true)
    for (const { address, codeHash, storage } of Object.values(dump.accounts)) {
      truth.accounts.push(address)
      for (const slot of Object.keys(storage ?? {}))
        truth.slots.push({ address, slot: slot as Hex })
      if (codeHash === EMPTY_CODE) continue
      truth.contracts.push(address)
      codes.add(codeHash)
    }
    start = dump.next
  }
  truth.codes = codes.size
  return truth
}

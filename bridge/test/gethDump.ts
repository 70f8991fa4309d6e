import { createMPT } from '@ethereumjs/mpt'
import { RLP } from '@ethereumjs/rlp'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { toHex } from 'cambium/server'

/** An account to be dumped. */
export interface DumpedAccount {
  address: Uint8Array
  balance: bigint
  nonce: bigint
  code: Uint8Array
  /** Slot number → value, none of them zero. */
  storage: ReadonlyMap<number, bigint>
}

/** A slot's number as a dump writes it, without `0x`. */
export function slotKey(slot: number): string {
  return slot.toString(16).padStart(64, '0')
}

/** A dump as geth writes it, with roots from another implementation of tries. */
export async function gethDump(accounts: readonly DumpedAccount[]) {
  const state = await createMPT()
  const dumped: Record<string, Record<string, unknown>> = {}
  for (const { address, balance, nonce, code, storage } of accounts) {
    const tree = await createMPT()
    for (const [slot, value] of storage) {
      await tree.put(keccak_256(Buffer.from(slotKey(slot), 'hex')), RLP.encode(value))
    }
    const [hash, codeHash] = [keccak_256(address), keccak_256(code)]
    await state.put(hash, RLP.encode([nonce, balance, tree.root(), codeHash]))
    dumped[toHex(address)] = {
      balance: balance.toString(),
      nonce: nonce.toString(),
      root: toHex(tree.root()),
      codeHash: toHex(codeHash),
      ...(code.length > 0 && { code: toHex(code) }),
      ...(storage.size > 0 && {
        storage: Object.fromEntries(
          [...storage].map(([slot, value]) => {
            const hex = value.toString(16)
            return [`0x${slotKey(slot)}`, hex.length % 2 ? `0${hex}` : hex]
          }),
        ),
      }),
      key: toHex(hash),
    }
  }
  return { root: toHex(state.root()), accounts: dumped }
}

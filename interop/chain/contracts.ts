import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { fromHex, type Hex, toHex } from '../../src/base/bytes/hex.ts'
import { SeededRandom } from '../../src/served/changing/SeededRandom.ts'
import { assemble } from './assemble.ts'

/**
 * Where the genesis block has the contract that makes accounts, and the one that makes contracts.
 */
export const SPRINKLER: Hex = '0x00000000000000000000000000000000000a0001'
export const FACTORY: Hex = '0x00000000000000000000000000000000000a0002'

/** What a contract may have at most (EIP-170). */
export const MAX_CODE_BYTES = 24_576

/**
 * What every contract of the chain does. Called with nothing it takes ether; with one byte it
 * destroys itself; with three words, `from`, `to` and `seed`, it writes the slots `from` to `to -
 * 1`. The values are hashes of slot and seed, cut to 4 to 32 bytes; a seed of 0 clears the slots.
 */
const CELL = assemble(`
          calldatasize @work jumpi stop
  work:   32 calldatasize lt @destroy jumpi
          64 calldataload 32 calldataload 0 calldataload  ; seed to i
  loop:   dup2 dup2 lt iszero @end jumpi
          dup1 0 mstore dup3 32 mstore 64 0 keccak256      ; seed to i hash
          dup2 7 and 5 shl shr                             ; a word less 32 bits for each of the low 3 bits of i
          dup4 iszero iszero mul                           ; 0 where the seed is
          dup2 sstore
          1 add @loop jump
  end:    stop
  destroy: caller selfdestruct
`)

/**
 * Called with `from`, `to` and `seed`: pays `i + 1` wei to an address made of `i` and the seed, for
 * each `i` in the range.
 */
export const SPRINKLER_CODE = assemble(`
          64 calldataload 32 calldataload 0 calldataload  ; seed to i
  loop:   dup2 dup2 lt iszero @end jumpi
          dup1 0 mstore dup3 32 mstore
          0 0 0 0 dup5 1 add 64 0 keccak256 0 call pop     ; gas 0: the stipend is enough for an account without code
          1 add @loop jump
  end:    stop
`)

/**
 * Called with `first`, `count` and code: creates `count` contracts with it by CREATE2, with the
 * salts from `first` on.
 */
export const FACTORY_CODE = assemble(`
          64 calldatasize sub                             ; size
          dup1 64 0 calldatacopy
          0 calldataload 32 calldataload add 0 calldataload ; size end salt
  loop:   dup2 dup2 lt iszero @end jumpi
          dup1 dup4 0 0 create2 pop
          1 add @loop jump
  end:    stop
`)

/**
 * Writes 0 to 15 slots, by the low bits of the new contract's address, and leaves what follows as
 * its code.
 */
const SCATTERING_CONSTRUCTOR = assemble(`
          address 15 and                                  ; n
  loop:   dup1 iszero @done jumpi
          1 swap1 sub
          dup1 0 mstore address 32 mstore 64 0 keccak256
          dup2 sstore
          @loop jump
  done:   @size codesize sub dup1 @size 0 codecopy 0 return
`)

/** Leaves what follows as the code of the new contract. */
const CONSTRUCTOR = assemble('@size codesize sub dup1 @size 0 codecopy 0 return')

/**
 * A code of its own for each seed, which does what every contract of the chain does.
 *
 * @param bytes its length, at least the 80 or so that it needs
 */
export function cellCode(seed: number, bytes: number): Uint8Array {
  const padding = new SeededRandom(seed).bytes(Math.max(4, bytes - CELL.length))
  return concatBytes(CELL, padding)
}

/** @param scattering whether the constructor writes slots as well */
export function initCode(code: Uint8Array, scattering = false): Uint8Array {
  return concatBytes(scattering ? SCATTERING_CONSTRUCTOR : CONSTRUCTOR, code)
}

/** Where the factory creates a contract (EIP-1014). */
export function createdAddress(salt: number, init: Uint8Array): Hex {
  const parts = [Uint8Array.of(0xff), fromHex(FACTORY, 'factory'), word(salt), keccak_256(init)]
  return toHex(keccak_256(concatBytes(...parts)).slice(12))
}

/** Where the sprinkler pays to. */
export function sprinkledAddress(index: number, seed: number): Hex {
  return toHex(keccak_256(concatBytes(word(index), word(seed))).slice(12))
}

/** A number as the EVM's 32 bytes. */
export function word(value: number): Uint8Array {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setBigUint64(24, BigInt(value))
  return bytes
}

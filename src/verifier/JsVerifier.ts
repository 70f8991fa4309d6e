import { keccak_256 } from '@noble/hashes/sha3.js'
import type { Leaves } from '../leaves/Leaves.ts'
import { unprefixLeaves } from '../leaves/prefixLeaves.ts'
import { branchOf } from '../trie/branchOf.ts'
import { StackTrieRootBuilder } from './StackTrieRootBuilder.ts'
import type { RangeClaim, RootBuilder, Verifier } from './Verifier.ts'
import { verifyRange } from './verifyRange.ts'

/**
 * The verifier in plain JavaScript, for pages whose Content Security Policy forbids WebAssembly,
 * and as an oracle.
 */
export class JsVerifier implements Verifier {
  readonly build = 'js'

  keccak256 = (input: Uint8Array): Uint8Array => keccak_256(input)

  keccak256Batch = (inputs: readonly Uint8Array[]): Uint8Array => {
    const digests = new Uint8Array(inputs.length * 32)
    inputs.forEach((input, index) => {
      digests.set(keccak_256(input), index * 32)
    })
    return digests
  }

  verifyRange(claim: RangeClaim): boolean {
    return verifyRange(claim, this)
  }

  /** Decoding in JavaScript is what is done without it. */
  readAccounts(): undefined {}

  readSlots(): undefined {}

  rootBuilder(): RootBuilder {
    return new StackTrieRootBuilder(this.keccak256)
  }

  branchOf(leaves: Leaves): Uint8Array {
    return branchOf(leaves, this.keccak256)
  }

  storageRoots(slots: Leaves, counts: readonly number[]): Uint8Array {
    const roots = new Uint8Array(32 * counts.length)
    let from = 0
    counts.forEach((count, index) => {
      const builder = this.rootBuilder()
      builder.add(unprefixLeaves(slots, from, from + count, 32))
      roots.set(builder.root(), 32 * index)
      from += count
    })
    return roots
  }
}

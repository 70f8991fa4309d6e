import { FIRST_HASH } from '../../base/bytes/hash32.ts'
import { toHex } from '../../base/bytes/hex.ts'
import { LeafOrderError } from '../../leaves/errors.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { checkRangeClaim } from '../checkRangeClaim.ts'
import { RANGE_PROOF_FAULTS, RangeProofError } from '../errors.ts'
import type {
  AccountsClaim,
  AnswerBytes,
  RangeClaim,
  RootBuilder,
  SlotsClaim,
  VerifiedAccounts,
  VerifiedSlots,
  Verifier,
} from '../Verifier.ts'
import { CLAIM_SIZE, REFERENCE_SIZE, STATUS_EMPTY_VALUE, STATUS_MORE } from './generated/layout.ts'
import type { WasmExports } from './WasmExports.ts'
import { WasmMemory } from './WasmMemory.ts'
import { WasmRootBuilder } from './WasmRootBuilder.ts'

/** The verifier in wasm. Each has an instance with a memory of its own; made by `loadWasm`. */
export class WasmVerifier implements Verifier {
  readonly build: 'simd' | 'plain'
  readonly #memory: WasmMemory

  constructor(build: 'simd' | 'plain', exports: WasmExports) {
    this.build = build
    this.#memory = new WasmMemory(exports)
  }

  /**
   * Bytes of wasm memory that this verifier holds: what its largest call needed, as wasm memory
   * never shrinks.
   */
  get memorySize(): number {
    return this.#memory.size
  }

  keccak256(input: Uint8Array): Uint8Array {
    return this.keccak256Batch([input])
  }

  keccak256Batch(inputs: readonly Uint8Array[]): Uint8Array {
    const memory = this.#memory
    memory.reset()
    const table = memory.putInputs(inputs)
    const digests = memory.room(32 * inputs.length)
    memory.exports.keccak256(table, inputs.length, digests)
    return memory.read(digests, 32 * inputs.length)
  }

  verifyRange(claim: RangeClaim): boolean {
    checkRangeClaim(claim)
    const memory = this.#memory
    memory.reset()
    const status = memory.exports.verifyRange(
      memory.put(claim.root),
      memory.put(claim.origin),
      ...memory.putLeaves(claim.leaves),
      claim.proof === undefined ? 0 : memory.putInputs(claim.proof),
      claim.proof?.length ?? 0,
    )
    if (status >= 0) return status === STATUS_MORE
    const fault = RANGE_PROOF_FAULTS[-1 - status]!
    throw new RangeProofError(fault, fault === 'invalid proof' ? `want ${toHex(claim.root)}` : '')
  }

  readAccounts(answer: AnswerBytes, claim: AccountsClaim): VerifiedAccounts | undefined {
    const memory = this.#memory
    memory.reset()
    const status = memory.exports.readAccounts(
      ...memory.putAnswer(answer),
      memory.put(claim.root),
      memory.put(claim.origin),
      memory.put(claim.last),
    )
    if (status < 0) return undefined
    const { accounts, lastKey, contracts } = memory.accounts(answer)
    return { accounts, lastKey, more: status === STATUS_MORE, contracts }
  }

  readSlots(answer: AnswerBytes, { contracts, chunk }: SlotsClaim): VerifiedSlots | undefined {
    const memory = this.#memory
    memory.reset()
    const claims = new Uint8Array(CLAIM_SIZE * contracts.length)
    contracts.forEach(({ accountHash, storageRoot }, index) => {
      claims.set(accountHash, 64 * index)
      claims.set(storageRoot, 64 * index + 32)
    })
    const status = memory.exports.readSlots(
      ...memory.putAnswer(answer),
      memory.put(claims),
      contracts.length,
      memory.put(chunk?.first ?? FIRST_HASH),
      chunk === undefined ? 0 : memory.put(chunk.last),
    )
    return status < 0 ? undefined : { ...memory.slots(), more: status === STATUS_MORE }
  }

  rootBuilder(): RootBuilder {
    return new WasmRootBuilder(this.#memory)
  }

  branchOf(leaves: Leaves): Uint8Array {
    const memory = this.#memory
    memory.reset()
    const reference = memory.room(REFERENCE_SIZE)
    const status = memory.exports.branchOf(...memory.putLeaves(leaves), reference)
    if (status < 0) throw outOfOrder(status, 'leaves')
    const written = memory.read(reference, REFERENCE_SIZE)
    return written.slice(3, 3 + written[0]!)
  }

  storageRoots(slots: Leaves, counts: readonly number[]): Uint8Array {
    const memory = this.#memory
    memory.reset()
    const roots = memory.room(32 * counts.length)
    const [, ...leaves] = memory.putLeaves(slots)
    const table = memory.putWords(Uint32Array.from(counts))
    const status = memory.exports.storageRoots(...leaves, table, counts.length, roots)
    if (status < 0) throw outOfOrder(status, 'slots')
    return memory.read(roots, 32 * counts.length)
  }
}

function outOfOrder(status: number, what: string): LeafOrderError {
  if (status === STATUS_EMPTY_VALUE) return new LeafOrderError(`an empty value among the ${what}`)
  return new LeafOrderError(`keys of ${what} do not ascend strictly`)
}

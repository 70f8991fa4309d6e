import { toHex } from '../../base/bytes/hex.ts'
import { LeafOrderError } from '../../leaves/errors.ts'
import type { Leaves } from '../../leaves/Leaves.ts'
import { leafKey, leafValue } from '../../leaves/Leaves.ts'
import { LeafShapeError, packLeaves } from '../../leaves/packLeaves.ts'
import { leafShapeFault } from '../leafShapeFault.ts'
import type { RootBuilder } from '../Verifier.ts'
import { STATUS_EMPTY_VALUE } from './generated/layout.ts'
import type { WasmMemory } from './WasmMemory.ts'

/** Bytes of a stub, see asm/stub.ts. */
const STUB_SIZE = 112

/**
 * Builds a root in memory that does not grow with the leaves: after each batch, all that is final
 * is folded into stubs, at most 15 for each nibble of a key. Between calls it holds nothing in the
 * wasm memory, so that any number of builders and proofs may take turns.
 */
export class WasmRootBuilder implements RootBuilder {
  readonly #memory: WasmMemory
  /** Nodes that hang to the left of the path to the last leaf, ascending. */
  #stubs: Uint8Array = new Uint8Array()
  /** The last leaf: the next one decides how deep it hangs. */
  #last: Leaves | undefined

  constructor(memory: WasmMemory) {
    this.#memory = memory
  }

  add(leaves: Leaves): void {
    if (leaves.count === 0) return
    const fault = leafShapeFault(leaves)
    if (fault !== undefined) throw new LeafShapeError(fault)
    if (this.#last !== undefined && this.#last.keySize !== leaves.keySize) {
      throw new LeafShapeError(`keys of ${leaves.keySize} bytes after ${this.#last.keySize}`)
    }
    const memory = this.#memory
    memory.reset()
    const folded = memory.room(30 * leaves.keySize * STUB_SIZE)
    const count = memory.exports.foldLeaves(
      memory.put(this.#stubs),
      this.#stubs.length / STUB_SIZE,
      ...memory.putLeaves(leaves, this.#last),
      folded,
    )
    if (count < 0) throw this.#disorder(leaves, count)
    this.#stubs = memory.read(folded, count * STUB_SIZE)
    const last = leaves.count - 1
    this.#last = packLeaves(
      [[leafKey(leaves, last).slice(), leafValue(leaves, last).slice()]],
      leaves.keySize,
    )
  }

  #disorder(leaves: Leaves, status: number): LeafOrderError {
    const range = `${toHex(leafKey(leaves, 0))} to ${toHex(leafKey(leaves, leaves.count - 1))}`
    if (status === STATUS_EMPTY_VALUE) {
      return new LeafOrderError(`an empty value among the leaves from ${range}`)
    }
    const after = this.#last === undefined ? '' : ` after ${toHex(this.#last.keys)}`
    return new LeafOrderError(`keys do not ascend strictly from ${range}${after}`)
  }

  root(): Uint8Array {
    const memory = this.#memory
    memory.reset()
    const root = memory.room(32)
    memory.exports.rootOf(
      memory.put(this.#stubs),
      this.#stubs.length / STUB_SIZE,
      ...memory.putLeaves(this.#last ?? packLeaves([])),
      root,
    )
    return memory.read(root, 32)
  }
}

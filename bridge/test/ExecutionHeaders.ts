import { RLP } from '@ethereumjs/rlp'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { type BlockHeader, compareBytes, emptyRoot, toHex } from 'cambium/server'

/** A header as execution clients send it. */
export interface ExecutionHeader extends BlockHeader {
  /** What `hash` is the Keccak-256 of: the header's RLP. */
  rlp: Uint8Array
}

/** A query of `GetBlockHeaders`. */
export interface HeaderQuery {
  /** The hash or the number of the first header. */
  start: Uint8Array | number
  limit: number
  /** Blocks to leave out between two headers. */
  skip: number
  /** Whether to go towards genesis. */
  reverse: boolean
}

/**
 * A consistent chain of post-merge headers, the later ones replacing those of their numbers: what a
 * node answers `GetBlockHeaders` from.
 *
 * @example
 * const headers = new ExecutionHeaders([genesisRoot])
 * headers.extend(root)                  // block 1
 * headers.extend(other, { after: 0 })   // another block 1
 */
export class ExecutionHeaders {
  #canonical: ExecutionHeader[] = []
  readonly #byHash = new Map<string, ExecutionHeader>()
  #made = 0

  /** @param roots the state roots of block 0 and of those that follow */
  constructor(roots: readonly [Uint8Array, ...Uint8Array[]]) {
    for (const root of roots) this.extend(root)
  }

  get genesis(): ExecutionHeader {
    return this.#canonical[0]!
  }

  get head(): ExecutionHeader {
    return this.#canonical.at(-1)!
  }

  /**
   * Puts a block on the chain. No two blocks have one hash, even with equal roots.
   * @param after the number of its parent; those above it are no longer of the chain. @default the
   *   head's
   */
  extend(
    stateRoot: Uint8Array,
    { after = this.#canonical.length - 1 }: { after?: number } = {},
  ): ExecutionHeader {
    const parent = this.#canonical[after]
    const number = after + 1
    const parentHash = parent?.hash ?? new Uint8Array(32)
    const rlp = encodeHeader({ number, parentHash, stateRoot, nonceOfTest: this.#made++ })
    const header = { number, hash: keccak_256(rlp), parentHash, stateRoot, rlp }
    this.#canonical = [...this.#canonical.slice(0, number), header]
    this.#byHash.set(toHex(header.hash), header)
    return header
  }

  /** The headers that a query asks for, as far as there are any. */
  find({ start, limit, skip, reverse }: HeaderQuery): ExecutionHeader[] {
    const found: ExecutionHeader[] = []
    let header = start instanceof Uint8Array ? this.#byHash.get(toHex(start)) : this.#at(start)
    while (header !== undefined && found.length < limit) {
      found.push(header)
      header = reverse ? this.#ancestor(header, skip + 1) : this.#descendant(header, skip + 1)
    }
    return found
  }

  #at(number: number): ExecutionHeader | undefined {
    return this.#canonical[number]
  }

  #ancestor(header: ExecutionHeader, distance: number): ExecutionHeader | undefined {
    let ancestor: ExecutionHeader | undefined = header
    for (let step = 0; step < distance && ancestor !== undefined; step++) {
      ancestor = this.#byHash.get(toHex(ancestor.parentHash))
    }
    return ancestor
  }

  #descendant(header: ExecutionHeader, distance: number): ExecutionHeader | undefined {
    const own = this.#at(header.number)
    const isCanonical = own !== undefined && compareBytes(own.hash, header.hash) === 0
    return isCanonical ? this.#at(header.number + distance) : undefined
  }
}

/** The 21 fields of Prague. What is of no interest here is what an empty block has. */
function encodeHeader({
  number,
  parentHash,
  stateRoot,
  nonceOfTest,
}: {
  number: number
  parentHash: Uint8Array
  stateRoot: Uint8Array
  nonceOfTest: number
}): Uint8Array {
  return RLP.encode([
    parentHash,
    keccak_256(RLP.encode([])),
    new Uint8Array(20),
    stateRoot,
    emptyRoot(),
    emptyRoot(),
    new Uint8Array(256),
    0,
    number,
    30_000_000,
    0,
    1_750_000_000 + 12 * number,
    // Extra data: what tells two blocks with one parent and one root apart.
    RLP.encode(nonceOfTest),
    new Uint8Array(32),
    new Uint8Array(8),
    1_000_000_000,
    emptyRoot(),
    0,
    0,
    new Uint8Array(32),
    new Uint8Array(32),
  ])
}

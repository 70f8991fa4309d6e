import { type BlockHeader, type Hex, toHex } from 'cambium/server'

/** A header for JSON, its hashes in hexadecimal. */
export interface HeadJson {
  number: number
  hash: Hex
  parentHash: Hex
  stateRoot: Hex
}

export function headJson({ number, hash, parentHash, stateRoot }: BlockHeader): HeadJson {
  return {
    number,
    hash: toHex(hash),
    parentHash: toHex(parentHash),
    stateRoot: toHex(stateRoot),
  }
}
